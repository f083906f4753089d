/** What came of bringing all peers back. */
export interface RecoveryResult {
  /** Until the last peer had all that it had missed. */
  readonly seconds: number;
  /** Peers that the server resumed, and that got each missed publication once and in order. */
  readonly recovered: number;
}

/** One peer of it. */
export interface PeerRecovery {
  started(mode: string | undefined): void;
  delivered(bytes: Buffer, start: number, end: number): void;
}

const marker = Buffer.from('"position":"');

/** Splits a position of a memory broker, `epoch:offset`. */
function parsePosition(position: string): { readonly epoch: string; readonly offset: number } {
  const separator = position.lastIndexOf(':');
  return { epoch: position.slice(0, separator), offset: Number(position.slice(separator + 1)) };
}

function positionOf(bytes: Buffer, start: number, end: number): string {
  const from = bytes.subarray(start, end).indexOf(marker) + start + marker.length;
  return bytes.toString('latin1', from, bytes.indexOf('"', from));
}

/** Follows a crowd that resumes: every peer must get every offset after `since`, none twice, none left out. */
export class Recovery {
  readonly #startedAt = performance.now();
  readonly #since: { readonly epoch: string; readonly offset: number };
  readonly #peers: number;
  readonly #publications: number;
  readonly #onDone: (result: RecoveryResult, position: string) => void;
  #complete = 0;
  #faulty = 0;

  constructor(
    since: string,
    peers: number,
    publications: number,
    onDone: (result: RecoveryResult, position: string) => void,
  ) {
    this.#since = parsePosition(since);
    this.#peers = peers;
    this.#publications = publications;
    this.#onDone = onDone;
  }

  /** Call once for each connection. */
  join(): PeerRecovery {
    const { epoch, offset } = this.#since;
    let next = offset + 1;
    let isFaulty = false;
    let isComplete = false;
    const check = (isRight: boolean): void => {
      if (isRight || isFaulty) return;
      isFaulty = true;
      this.#faulty += 1;
    };
    const completeWhenAllCame = (): void => {
      if (isComplete || next <= offset + this.#publications) return;
      isComplete = true;
      this.#complete += 1;
      if (this.#complete === this.#peers) this.#finish();
    };
    return {
      started: (mode) => {
        check(mode === 'recovered');
        completeWhenAllCame();
      },
      delivered: (bytes, start, end) => {
        check(positionOf(bytes, start, end) === `${epoch}:${String(next)}`);
        next += 1;
        completeWhenAllCame();
      },
    };
  }

  #finish(): void {
    const { epoch, offset } = this.#since;
    this.#onDone(
      { seconds: (performance.now() - this.#startedAt) / 1000, recovered: this.#peers - this.#faulty },
      `${epoch}:${String(offset + this.#publications)}`,
    );
  }
}
