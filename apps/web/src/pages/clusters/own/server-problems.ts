import type { NamedContext } from './own-clusters-api.ts';

/** What the server refused, by where it belongs. */
export interface ServerProblems {
  /** About the whole of what was sent. */
  readonly general: readonly string[];
  /** By context. */
  readonly byContext: ReadonlyMap<string, readonly string[]>;
}

/** Nothing was refused. */
export const noProblems: ServerProblems = { general: [], byContext: new Map() };

/** Where the next problem of an answer begins; one problem may have semicolons of its own. */
const separator = /\n|; (?=contexts\b|"|and \d+ more)/;

/**
 * How a problem says where it is: `contexts[0] "dev": …` of the kubeconfig, `contexts.0.name: …` of the request, or
 * `"dev": …` for a cluster by its new name.
 */
const place = /^(?:contexts\[(\d+)\](?: "(?:[^"\\]|\\.)*")?|contexts\.(\d+)\.\w+|("(?:[^"\\]|\\.)*")): /;

/** Sorts the problems of an answer by the context that each of them is about. */
export function placeProblems(message: string, sent: readonly NamedContext[]): ServerProblems {
  const general: string[] = [];
  const byContext = new Map<string, string[]>();
  for (const problem of message.split(separator)) {
    const [prefix = '', inFile, inRequest, name] = place.exec(problem) ?? [];
    const index = inFile ?? inRequest;
    const meant = index === undefined ? sent.find((each) => JSON.stringify(each.name) === name) : sent[Number(index)];
    if (meant === undefined) general.push(problem);
    else byContext.set(meant.context, [...(byContext.get(meant.context) ?? []), problem.slice(prefix.length)]);
  }
  return { general, byContext };
}
