import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createFieldSetBuilder,
  differenceOf,
  intersectionOf,
  isEmptySet,
  pathTexts,
  unionOf,
  withoutSubtree,
  type FieldSet,
} from './field-set.ts';

type Path = readonly string[];

function setOf(paths: readonly Path[]): FieldSet {
  const builder = createFieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.build();
}

const element = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}');
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 });

/** The same paths as plain texts: what the trees must agree with. */
function textsOf(all: readonly Path[]): ReadonlySet<string> {
  return new Set(all.flatMap((path) => pathTexts(setOf([path]))));
}

function expectPaths(set: FieldSet, expected: Iterable<string>): void {
  expect([...pathTexts(set)].toSorted()).toEqual([...expected].toSorted());
}

describe('a set of fields', () => {
  it('holds what was inserted, in whatever order, a path beside those below it', () => {
    fc.assert(
      fc.property(paths, (all) => {
        expectPaths(setOf(all), textsOf(all));
        expectPaths(setOf(all.toReversed()), textsOf(all));
      }),
    );
    expect(setOf([['f:a'], ['f:a', 'f:b']])).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
  });

  it('is united, subtracted and intersected as sets of paths are', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [textsOf(left), textsOf(right)];
        expectPaths(unionOf(setOf(left), setOf(right)), new Set([...a, ...b]));
        expectPaths(
          differenceOf(setOf(left), setOf(right)),
          [...a].filter((path) => !b.has(path)),
        );
        expectPaths(
          intersectionOf(setOf(left), setOf(right)),
          [...a].filter((path) => b.has(path)),
        );
        expect(isEmptySet(differenceOf(setOf(left), setOf(left)))).toBe(true);
      }),
    );
  });

  it('stays the very same when nothing is taken out or added', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const set = setOf(all);
        expect(differenceOf(set, setOf([['f:other', 'f:a']]))).toBe(set);
        expect(unionOf(set, {})).toBe(set);
      }),
    );
  });

  it('loses a path with everything below it', () => {
    const set = setOf([['f:a', 'f:b'], ['f:a', 'f:b', 'f:c'], ['f:b']]);
    expect(withoutSubtree(set, ['f:a', 'f:b'])).toEqual({ 'f:b': {} });
    expect(withoutSubtree(set, ['f:c'])).toBe(set);
  });

  it('is shown as messages show paths', () => {
    const set = setOf([
      ['f:spec', 'f:containers', 'k:{"name":"main"}', 'f:image'],
      ['f:metadata', 'f:finalizers', 'v:"a"'],
    ]);
    expect(pathTexts(set)).toEqual(['.metadata.finalizers[="a"]', '.spec.containers[name="main"].image']);
  });
});
