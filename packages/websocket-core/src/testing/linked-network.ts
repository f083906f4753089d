import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { OpenSocket } from '../core/web-socket-like.ts';
import { BEARER_PROTOCOL_PREFIX, PROTOCOL_NAME } from '../protocol/version.ts';
import { LinkedSockets, type LinkedPair, type LinkedPairOptions } from './linked-pair.ts';

/** What the upgrade of a linked socket tells; the server takes it as it takes that of a real one. */
export interface LinkedUpgrade {
  readonly path: string;
  readonly remoteAddress: string;
  readonly token: string | undefined;
  readonly tokenSource: 'subprotocol' | 'query' | 'none';
}

/** What the network does with a dial: upgrades it, refuses it, or leaves it unanswered. */
export type LinkedNetworkMode = 'accept' | 'refuse' | 'hang';

/** Who takes the accepted ends, and how the network behaves. */
export interface LinkedNetworkOptions extends Omit<LinkedPairOptions, 'protocol'> {
  /** Takes the accepted end of each dial, just before the client's end opens. Must set the socket's handler. */
  readonly accept: (socket: AcceptedSocket, upgrade: LinkedUpgrade) => void;
  /** Default 127.0.0.1. */
  readonly remoteAddress?: string | undefined;
}

/** A network of linked pairs. */
export interface LinkedNetwork {
  /** For `createClient({openSocket})`. */
  readonly openSocket: OpenSocket;
  /** What happens to dials from now on. Default `accept`. */
  mode: LinkedNetworkMode;
  /** Dials so far. */
  readonly dials: number;
  /** Pairs that are not closed at both ends, oldest first. */
  readonly pairs: readonly LinkedPair[];
  /** The pair of the last dial. */
  readonly latest: LinkedPair | undefined;
}

/** Creates a network in which each dial reaches `accept`. */
export function createLinkedNetwork(options: LinkedNetworkOptions): LinkedNetwork {
  let dials = 0;
  let all: LinkedSockets[] = [];
  let latest: LinkedSockets | undefined;

  function dial(url: string, protocols: readonly string[], mode: LinkedNetworkMode): LinkedSockets {
    const upgrade = readUpgrade(url, protocols, options.remoteAddress ?? '127.0.0.1');
    const pair = new LinkedSockets(options);
    all = [...all.filter((other) => !other.closed), pair];
    latest = pair;
    pair.schedule(() => {
      if (pair.closed || mode === 'hang') return;
      // A server that does not find the sub-protocol refuses the upgrade with 400.
      if (mode === 'refuse' || !protocols.includes(PROTOCOL_NAME)) {
        pair.refuse();
        return;
      }
      options.accept(pair.accepted, upgrade);
      pair.open();
    });
    return pair;
  }

  const network: LinkedNetwork = {
    openSocket: (url, protocols) => {
      dials += 1;
      return dial(url, protocols, network.mode).client;
    },
    mode: 'accept',
    get dials() {
      return dials;
    },
    get pairs() {
      all = all.filter((pair) => !pair.closed);
      return all;
    },
    get latest() {
      return latest;
    },
  };
  return network;
}

function readUpgrade(url: string, protocols: readonly string[], remoteAddress: string): LinkedUpgrade {
  const { pathname, searchParams } = new URL(url);
  const bearer = protocols.find((protocol) => protocol.startsWith(BEARER_PROTOCOL_PREFIX));
  const query = searchParams.get('token') ?? undefined;
  const shared = { path: pathname, remoteAddress };
  if (bearer !== undefined) {
    return {
      ...shared,
      token: decodeBase64Url(bearer.slice(BEARER_PROTOCOL_PREFIX.length)),
      tokenSource: 'subprotocol',
    };
  }
  return { ...shared, token: query, tokenSource: query === undefined ? 'none' : 'query' };
}

function decodeBase64Url(text: string): string {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
