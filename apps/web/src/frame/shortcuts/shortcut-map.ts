/** What a key press needs to tell. */
export interface KeyPress {
  readonly key: string;
  /** Ctrl, or ⌘ on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
  /** The press goes to a field that takes text. */
  readonly isTyping: boolean;
}

/** By shortcut: one key (`/`), two in sequence (`g o`), or one with Ctrl or ⌘ (`mod+k`). */
export type Bindings = Readonly<Record<string, () => void>>;

/** The second key of a sequence is due within this. */
const sequenceMs = 1_200;

/**
 * The shortcuts that apply now, and the first key of a sequence that may be going on. What was bound last comes first,
 * so that a view may take a key from the frame.
 */
export class ShortcutMap {
  readonly #bindings: Bindings[] = [];
  #prefix: { readonly key: string; readonly at: number } | undefined;

  /** Returns its undo. */
  bind(bindings: Bindings): () => void {
    this.#bindings.push(bindings);
    return () => {
      const index = this.#bindings.indexOf(bindings);
      if (index !== -1) this.#bindings.splice(index, 1);
    };
  }

  /** Runs what the press means; true when it meant something, and nobody else may act on it. */
  press({ key, mod, alt, at, isTyping }: KeyPress): boolean {
    const prefix = this.#prefix;
    this.#prefix = undefined;
    if (mod && !alt) return this.#run(`mod+${key.toLowerCase()}`);
    if (mod || alt || isTyping) return false;
    if (prefix !== undefined && at - prefix.at <= sequenceMs) return this.#run(`${prefix.key} ${key}`);
    if (this.#run(key)) return true;
    if (this.#bindings.some((each) => Object.keys(each).some((name) => name.startsWith(`${key} `)))) {
      this.#prefix = { key, at };
      return true;
    }
    return false;
  }

  #run(name: string): boolean {
    const action = this.#bindings.findLast((each) => Object.hasOwn(each, name))?.[name];
    action?.();
    return action !== undefined;
  }
}
