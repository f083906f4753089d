/** A context of a kubeconfig that is to become a cluster, under another name if there is one. */
export interface ContextPick {
  readonly context: string;
  readonly name?: string | undefined;
}

/**
 * The kubeconfig with these contexts alone, under their new names; what is no kubeconfig comes back as it is. Those that
 * are not in it are named in `missing`.
 */
export function pickContexts(
  document: unknown,
  picks: readonly ContextPick[],
): { readonly document: unknown; readonly missing: readonly string[] } {
  const contexts = isObject(document) ? document['contexts'] : undefined;
  if (!isObject(document) || !Array.isArray(contexts)) return { document, missing: [] };
  const missing: string[] = [];
  const picked = picks.flatMap(({ context, name = context }) => {
    const found = (contexts as readonly unknown[]).filter((each) => isObject(each) && each['name'] === context);
    if (found.length === 0) missing.push(context);
    return found.map((each) => ({ ...(each as object), name }));
  });
  return { document: { ...document, contexts: picked }, missing };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
