import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { StatusError } from '../../protocol/status.ts';
import type { Selection } from '../types.ts';
import { pod, PODS, smallStore } from '../../../test/store/small-store.ts';

type Step =
  | { readonly kind: 'create' | 'delete'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'label'; readonly namespace: string; readonly name: string; readonly app: string };

const place = { namespace: fc.constantFrom('a', 'b'), name: fc.constantFrom('p', 'q', 'r', 's') };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), ...place }),
  fc.record({ kind: fc.constant('delete' as const), ...place }),
  fc.record({ kind: fc.constant('label' as const), app: fc.constantFrom('web', 'db'), ...place }),
);
const selection: fc.Arbitrary<Selection> = fc.record({
  namespace: fc.constantFrom(undefined, 'a'),
  labelSelector: fc.constantFrom(undefined, 'app=web', 'app notin (web)'),
});

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function run(store: ReturnType<typeof smallStore>['store'], { kind, namespace, name, ...more }: Step): void {
  try {
    if (kind === 'create') store.create(PODS, namespace, pod(name));
    else if (kind === 'delete') store.delete(PODS, namespace, name);
    else store.update(PODS, namespace, name, pod(name, { labels: more as Record<string, string> }));
  } catch (error) {
    // A step that the state does not allow is answered and changes nothing.
    if (!(error instanceof StatusError)) throw error;
  }
}

test('a list and the watch from it are the store, for every selection and at every moment', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.nat(60),
      fc.nat(60),
      selection,
      (steps, listAt, watchAt, chosen) => {
        const { store } = smallStore();
        const cache = new Map<string, KubeObject>();
        let listed: string | undefined;
        let last = 0;
        const watchFrom = Math.max(listAt, watchAt);
        for (const [index, one] of [...steps, ...steps].entries()) {
          if (index === listAt) {
            const list = store.list(PODS, chosen);
            for (const object of list.items) cache.set(keyOf(object), object);
            listed = list.resourceVersion;
            last = Number(listed);
          }
          if (index === watchFrom && listed !== undefined) {
            store.watch(PODS, chosen, listed, ({ type, object }) => {
              const revision = Number(object.metadata.resourceVersion);
              expect(revision).toBeGreaterThan(last);
              last = revision;
              expect(type === 'ADDED').toBe(!cache.has(keyOf(object)));
              if (type === 'DELETED') cache.delete(keyOf(object));
              else cache.set(keyOf(object), object);
            });
          }
          run(store, one);
        }
        if (listed === undefined || watchFrom >= steps.length * 2) return;
        const now = store.list(PODS, chosen).items;
        expect([...cache.values()].sort((x, y) => (keyOf(x) < keyOf(y) ? -1 : 1))).toEqual(now);
      },
    ),
    { numRuns: 300 },
  );
});

test('the pages of a list are the list, whatever happens between them', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      selection,
      (before, between, limit, chosen) => {
        const { store } = smallStore();
        for (const one of before) run(store, one);
        const whole = store.list(PODS, chosen).items;
        const paged: KubeObject[] = [];
        let page = store.list(PODS, chosen, { limit });
        paged.push(...page.items);
        for (let index = 0; page.continueToken !== undefined; index += 1) {
          const one = between[index];
          if (one) run(store, one);
          page = store.list(PODS, chosen, { limit, continueToken: page.continueToken });
          paged.push(...page.items);
        }
        expect(paged).toEqual(whole);
      },
    ),
    { numRuns: 300 },
  );
});

test('an Exact list of any revision in the window is the list that was answered then', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), selection, (steps, chosen) => {
      const { store } = smallStore();
      const answers = new Map<string, readonly KubeObject[]>();
      for (const one of steps) {
        run(store, one);
        answers.set(store.resourceVersion, store.list(PODS, chosen).items);
      }
      for (const [resourceVersion, items] of answers) {
        const exact = store.list(PODS, chosen, { resourceVersion, resourceVersionMatch: 'Exact' });
        expect(exact).toEqual({ items, resourceVersion });
      }
    }),
    { numRuns: 300 },
  );
});
