import type { Offer } from './world.ts';

/** Something bad that a catalog offers. */
export interface CorpusCase {
  /** Unique; `corpus.json` has its row and its code. */
  readonly name: string;
  /** `origin`: of the catalog. */
  readonly offer: (origin: string) => Offer | Promise<Offer>;
}

/** A case of what is offered. */
export const offered = (name: string, offer: (origin: string) => Offer | Promise<Offer>): CorpusCase => ({
  name,
  offer,
});
