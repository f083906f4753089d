import { contributionKinds, type ContributionKind, type Contributes } from '../../protocol/contributions.ts';
import type { ModuleShape } from './module-references.ts';

/** Whole as they are declared: no code has to register them. */
const withoutCode: ReadonlySet<ContributionKind> = new Set(['navigation', 'theme']);
/** Ids that are told of one kind. */
const maxTold = 5;

/**
 * What package.json declares and no module registers, one line each; the page would say so of the plugin. Nothing is run:
 * where a module makes ids as it runs, an id counts as registered if its text stands anywhere.
 */
export function unregistered(
  contributes: Contributes,
  modules: readonly Pick<ModuleShape, 'registrations' | 'texts'>[],
): readonly string[] {
  return contributionKinds
    .filter((kind) => !withoutCode.has(kind))
    .flatMap((kind) => {
      const found = modules.flatMap(({ registrations }) => registrations.filter((one) => one.kind === kind));
      const ids = [...new Set(found.flatMap(({ id }) => id ?? []))];
      const isCertain = found.length > 0 && found.every(({ id }) => id !== undefined);
      const isThere = (id: string): boolean =>
        ids.includes(id) || (!isCertain && modules.some(({ texts }) => texts.has(id)));
      const told =
        ids.length === 0
          ? 'nothing'
          : ids
              .slice(0, maxTold)
              .map((id) => JSON.stringify(id))
              .join(', ');
      return (contributes[kind] ?? [])
        .filter(({ id }) => !isThere(id))
        .map(
          ({ id }) =>
            `package.json: fleetwire.contributes.${kind} declares ${JSON.stringify(id)}, and the entry registers ${told} ` +
            'of that kind: give both the same id',
        );
    });
}
