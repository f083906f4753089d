import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../resource-definition.ts';
import { builtinResources } from './builtin-resources.ts';
import { readField } from './schema-notation.ts';
import { resolveSchema, schemaNamed, sharedSchemas } from './schema-registry.ts';

function refsOf(schema: JsonSchema): readonly string[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
  ];
  return [...(schema.ref === undefined ? [] : [schema.ref]), ...inner.flatMap(refsOf)];
}

describe('the schemas of the built-in resources', () => {
  it('refer to nothing that is not there', () => {
    const missing = Object.values(sharedSchemas)
      .flatMap(refsOf)
      .filter((name) => !Object.hasOwn(sharedSchemas, name));
    expect(missing).toEqual([]);
  });

  it('hold every definition that some resource or request reaches, and no other', () => {
    const reached = new Set<string>();
    const visit = (name: string): void => {
      if (reached.has(name)) return;
      reached.add(name);
      refsOf(schemaNamed(name)).forEach(visit);
    };
    for (const { schemaName } of builtinResources) visit(schemaName);
    for (const name of ['autoscaling.v1.Scale', 'policy.v1.Eviction']) visit(`io.k8s.api.${name}`);
    visit('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta');
    expect(Object.keys(sharedSchemas).filter((name) => !reached.has(name))).toEqual([]);
  });

  it('name the keys of list maps as fields of their items', () => {
    const lists = Object.entries(sharedSchemas).flatMap(([name, schema]) =>
      Object.entries(schema.properties ?? {}).map(([field, property]) => ({ at: `${name}.${field}`, property })),
    );
    const wrong = lists.flatMap(({ at, property }) => {
      const mergeKey = property['x-kubernetes-patch-merge-key'];
      const keys = [...(property['x-kubernetes-list-map-keys'] ?? []), ...(mergeKey === undefined ? [] : [mergeKey])];
      const fields = resolveSchema(property.items)?.properties ?? {};
      return keys.filter((key) => !Object.hasOwn(fields, key)).map((key) => `${at}: ${key}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('the notation of fields', () => {
  it('reads types, marks and descriptions', () => {
    expect(readField('p', '[Item]! map=a,b merge=a | Items, or none.')).toEqual({
      description: 'Items, or none.',
      type: 'array',
      items: { ref: 'p.Item' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'b'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'a',
    });
    expect(readField('p', '{[string]}')).toEqual({
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
    });
  });

  it('refuses what it does not know', () => {
    expect(() => readField('p', 'text')).toThrow('no type is written as "text"');
    expect(() => readField('p', 'string often')).toThrow('no mark of a field is written as "often"');
  });
});
