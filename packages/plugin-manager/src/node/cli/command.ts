import type { OperationProgress } from '../../core/operation-progress.ts';

/** What a command is given. */
export interface CommandContext {
  /** As many as {@link Command.operands} has, or fewer where the last are optional. */
  readonly operands: readonly string[];
  /** The value of an option, or undefined. */
  readonly option: (name: string) => string | undefined;
  /** The folder that relative paths are of. */
  readonly workingFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: OperationProgress) => void;
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
  /** Each takes a value. */
  readonly options: readonly {
    readonly name: string;
    readonly value: string;
    readonly what: string;
    /** Default: false. */
    readonly isRequired?: boolean;
  }[];
  /** Throws a `PluginError`. */
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}
