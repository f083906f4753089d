import type { OperationProgress } from '../../core/operation-progress.ts';

/** What a command is given. */
export interface CommandContext {
  /** As many as {@link Command.operands} has, or fewer where the last are optional. */
  readonly operands: readonly string[];
  /** The value of an option, or undefined. */
  readonly option: (name: string) => string | undefined;
  /** Whether an option without a value is given. */
  readonly has: (name: string) => boolean;
  /** The folder that relative paths are of. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** `pluginId`: where one command works on several. */
  readonly onProgress: (progress: OperationProgress, pluginId?: string) => void;
  /** Something that is known before the end. */
  readonly onEvent: (event: CommandResult) => void;
}

/** What a command gives: a value for programs, and the same in words. */
export interface CommandResult {
  readonly value: Readonly<Record<string, unknown>>;
  /** Lines for people. */
  readonly text: string;
}

/** A command of `fleetwire-plugin`. */
export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly operands: readonly { readonly name: string; readonly isRequired: boolean; readonly what: string }[];
  readonly options: readonly {
    readonly name: string;
    /** What its value is, as "a folder"; absent: it takes none. */
    readonly value?: string;
    readonly what: string;
    /** Default: false. */
    readonly isRequired?: boolean;
  }[];
  /** Throws a `PluginError`, or a `UsageError` for operands and options that do not go together. */
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}
