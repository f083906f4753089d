import { readKubeconfig, type KubeconfigContext, type KubeconfigReading } from './kubeconfig-text.ts';
import { suggestName } from './name-problems.ts';
import type { NamedContext } from './own-clusters-api.ts';
import { refusalsOf, type Refusal } from './refusals.ts';
import { noProblems, placeProblems, type ServerProblems } from './server-problems.ts';

/** A context of the text, and what is to become of it. */
export interface Candidate {
  readonly context: KubeconfigContext;
  /** Why the server would not take it; none: it may be picked. */
  readonly refusals: readonly Refusal[];
  readonly isPicked: boolean;
  /** What its cluster is to be called. */
  readonly name: string;
}

/** What somebody has entered to bring clusters. */
export interface AddForm {
  readonly text: string;
  /** Where the text is from, such as the name of a file; undefined while it is being written. */
  readonly origin: string | undefined;
  readonly reading: KubeconfigReading;
  /** What was picked and named by hand, by context, also of contexts that another text has. */
  readonly choices: ReadonlyMap<string, { readonly isPicked?: boolean; readonly name?: string }>;
  /** What the server refused when this was sent. */
  readonly problems: ServerProblems;
}

/** Nothing is entered yet. */
export const emptyForm: AddForm = {
  text: '',
  origin: undefined,
  reading: { status: 'empty' },
  choices: new Map(),
  problems: noProblems,
};

/** Takes a text in place of the one before. */
export function takeText(form: AddForm, text: string, origin: string | undefined): AddForm {
  const reading = readKubeconfig(text);
  // What cannot be read is shown, wherever it is from.
  return { ...form, text, origin: reading.status === 'read' ? origin : undefined, reading, problems: noProblems };
}

/** Shows the text for changing it. */
export function editText(form: AddForm): AddForm {
  return { ...form, origin: undefined };
}

/**
 * The contexts of the text, those first that may be picked. Before anything is picked by hand, the current one is, or the
 * only one that can be.
 */
export function candidatesOf({ reading, choices }: AddForm): readonly Candidate[] {
  if (reading.status !== 'read') return [];
  const all = reading.contexts.map((context) => ({ context, refusals: refusalsOf(context) }));
  const usable = all.filter(({ refusals }) => refusals.length === 0);
  const others = all.filter(({ refusals }) => refusals.length > 0);
  return [...usable, ...others].map(({ context, refusals }) => {
    const { isPicked = context.isCurrent || usable.length === 1, name = suggestName(context.name) } =
      choices.get(context.name) ?? {};
    return { context, refusals, isPicked: isPicked && refusals.length === 0, name };
  });
}

/** Picks contexts, or leaves them out. */
export function pick(form: AddForm, contexts: readonly string[], isPicked: boolean): AddForm {
  const choices = new Map(form.choices);
  for (const context of contexts) choices.set(context, { ...choices.get(context), isPicked });
  return { ...form, choices };
}

/** Names the cluster of a context. What the server said of the name before is void. */
export function nameCluster(form: AddForm, context: string, name: string): AddForm {
  const choices = new Map(form.choices).set(context, { ...form.choices.get(context), name });
  const byContext = new Map(form.problems.byContext);
  byContext.delete(context);
  return { ...form, choices, problems: { ...form.problems, byContext } };
}

/** What is picked, with its names. */
export function namedContexts(candidates: readonly Candidate[]): readonly NamedContext[] {
  return candidates
    .filter(({ isPicked }) => isPicked)
    .map(({ context, name }) => ({ context: context.name, name: name.trim() }));
}

/** The server refused what was sent, for what `message` says. */
export function refuse(form: AddForm, sent: readonly NamedContext[], message: string): AddForm {
  return { ...form, problems: placeProblems(message, sent) };
}
