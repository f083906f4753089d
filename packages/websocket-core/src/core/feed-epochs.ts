/**
 * Names that share a counter get a new epoch together. As many counters (256 KiB) as make it rare that the end of one
 * feed's history is taken for the end of another's, which costs the other a needless gap.
 */
const counters = 2 ** 16;

/**
 * Epochs of feeds. A feed that was never published to needs no memory for its positions to stay good: its epoch stays
 * the same until the history of a feed that shares its counter is forgotten.
 */
export class FeedEpochs {
  readonly #prefix: string;
  readonly #forgotten = new Uint32Array(counters);

  /** `random` is called once: eight characters of base 36 tell the epochs of one broker from those of another. */
  constructor(random: () => number) {
    this.#prefix = Math.floor(random() * 36 ** 8)
      .toString(36)
      .padStart(8, '0');
  }

  of(feed: string): string {
    return this.#prefix + (this.#forgotten[counterOf(feed)] ?? 0).toString(36);
  }

  /** The history of this feed is gone: positions that were given so far must not be good any more. */
  end(feed: string): void {
    const counter = counterOf(feed);
    this.#forgotten[counter] = (this.#forgotten[counter] ?? 0) + 1;
  }
}

/** FNV-1a over UTF-16 code units. */
function counterOf(feed: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < feed.length; index += 1) {
    hash = Math.imul(hash ^ feed.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (counters - 1);
}
