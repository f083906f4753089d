/** Runs something a little later, in the order of the calls. */
export type Schedule = (run: () => void) => void;

export interface BytePipeOptions {
  /** Bytes that the network holds for a reader that does not read. */
  readonly capacityBytes: number;
  readonly schedule: Schedule;
  /** Takes bytes that arrived. Called while reading only. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Hands on what it has, if anything; false when it has nothing more. Called while reading only. */
  readonly onTurn: () => boolean;
  /** All that was written has been taken. */
  readonly onDrain: () => void;
}

/** One direction of a linked pair: a writer's queue, a bounded network, a reader that may stop reading. */
export class BytePipe {
  readonly #options: BytePipeOptions;
  #queue: Uint8Array[] = [];
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #scheduled = false;
  #reading = true;
  #fate: 'carries' | 'swallows' | 'ended' = 'carries';
  queuedBytes = 0;
  takenBytes = 0;

  constructor(options: BytePipeOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array): void {
    if (this.#fate === 'ended') return;
    this.#queue.push(bytes);
    this.queuedBytes += bytes.length;
    this.#schedulePump();
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) this.#schedulePump();
  }

  /** From now on takes everything and delivers nothing. */
  swallow(): void {
    if (this.#fate === 'carries') this.#fate = 'swallows';
    this.#held = [];
    this.#heldBytes = 0;
    this.#schedulePump();
  }

  /** Forgets everything and stays silent. */
  end(): void {
    this.#fate = 'ended';
    this.#queue = [];
    this.#held = [];
    this.queuedBytes = 0;
  }

  #schedulePump(): void {
    if (this.#scheduled || this.#fate === 'ended') return;
    this.#scheduled = true;
    this.#options.schedule(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isEnded()) return;
    const taken = this.#take();
    // Whatever a callback throws, the rest must still arrive.
    try {
      this.#deliver();
    } finally {
      if (this.queuedBytes > 0 && this.#room() > 0) this.#schedulePump();
    }
    if (taken && this.queuedBytes === 0 && !this.#isEnded()) this.#options.onDrain();
  }

  // A method, so that the compiler does not think it still knows the answer after a callback.
  #isEnded(): boolean {
    return this.#fate === 'ended';
  }

  #room(): number {
    return this.#fate === 'swallows' ? Infinity : this.#options.capacityBytes - this.#heldBytes;
  }

  /** The network takes what it has room for. */
  #take(): boolean {
    let room = this.#room();
    const before = this.takenBytes;
    while (room > 0) {
      const head = this.#queue.shift();
      if (head === undefined) break;
      const part = head.length <= room ? head : head.subarray(0, room);
      if (part.length < head.length) this.#queue.unshift(head.subarray(part.length));
      room -= part.length;
      this.queuedBytes -= part.length;
      this.takenBytes += part.length;
      if (this.#fate === 'swallows') continue;
      this.#held.push(part);
      this.#heldBytes += part.length;
    }
    return this.takenBytes > before;
  }

  #deliver(): void {
    if (!this.#reading || this.#fate !== 'carries') return;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.#options.onBytes(bytes);
    let more = true;
    try {
      while (more && this.#reading && !this.#isEnded()) more = this.#options.onTurn();
    } catch (error) {
      this.#schedulePump();
      throw error;
    }
  }
}
