/** What a feed holds beside its ring: of lines that have not ended, of lists, of catch-ups. */
export class HeldBytes {
  readonly #onChange: () => void;
  #total = 0;

  /** `onChange` is called after each change. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get total(): number {
    return this.#total;
  }

  /** One thing that holds bytes: call the result with how many there are now, and with 0 at its end. */
  part(): (bytes: number) => void {
    let held = 0;
    return (bytes) => {
      if (bytes === held) return;
      this.#total += bytes - held;
      held = bytes;
      this.#onChange();
    };
  }
}
