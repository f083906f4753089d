import type { FetchPolicy } from '../../core/url-rules.ts';

/** One request for metadata. */
export interface MetadataRequest {
  readonly url: string;
  readonly maxBytes: number;
  readonly policy: FetchPolicy;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came; any status, so that a source can tell "not there" from "broken". */
export interface MetadataResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The URL that was asked for, and each that it was redirected to. */
  readonly urlChain: readonly string[];
}

/** How sources fetch: bounded, by policy, and with no state of theirs. */
export interface MetadataFetcher {
  metadata(request: MetadataRequest): Promise<MetadataResponse>;
}
