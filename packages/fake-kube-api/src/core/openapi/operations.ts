import type { ResourceDefinition, ResourceVerb, SubresourceDefinition } from '../resource-definition.ts';
import { DELETE_OPTIONS, kindOf, listSchemaName, schemaNameOf, type GroupVersionKind } from './document-schemas.ts';

/** A parameter of a path or a query. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

/** What one method does on one path. */
export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  readonly id: string;
  readonly description: string;
  /** The value of `x-kubernetes-action`. */
  readonly action: string;
  readonly kind: GroupVersionKind;
  readonly parameters: readonly Parameter[];
  /** Name of the schema of the body; `patch` for a patch of any type. */
  readonly body?: string;
  /** Name of the schema of the answer; text where there is none. */
  readonly answer?: string;
  /** Media types of patches. */
  readonly consumes: readonly string[];
}

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  in: 'query',
  type,
  description,
});

const LIST_PARAMETERS: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'Sends bookmarks in a watch.'),
  query('continue', 'string', 'Asks for the next page.'),
  query('fieldSelector', 'string', 'Selects objects by their fields.'),
  query('labelSelector', 'string', 'Selects objects by their labels.'),
  query('limit', 'integer', 'How many objects a page has at most.'),
  query('resourceVersion', 'string', 'The state that is asked for.'),
  query('resourceVersionMatch', 'string', 'How that state is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'Begins a watch with the objects that there are.'),
  query('timeoutSeconds', 'integer', 'After so many seconds a watch ends.'),
  query('watch', 'boolean', 'Sends changes as they come.'),
];

const WRITE_PARAMETERS: readonly Parameter[] = [
  query('dryRun', 'string', '`All` stores nothing.'),
  query('fieldManager', 'string', 'Who makes the change.'),
  query('fieldValidation', 'string', 'What happens to unknown fields: Ignore, Warn or Strict.'),
];

const DELETE_PARAMETERS: readonly Parameter[] = [
  query('dryRun', 'string', '`All` deletes nothing.'),
  query('gracePeriodSeconds', 'integer', 'Seconds that the object has to end by itself.'),
  query('orphanDependents', 'boolean', 'Former form of `propagationPolicy`.'),
  query('propagationPolicy', 'string', 'Orphan, Background or Foreground.'),
];

const EXEC_PARAMETERS: readonly Parameter[] = [
  query('command', 'string', 'The program and, repeated, its arguments.'),
  query('container', 'string', 'The container that it runs in; the only one may be left out.'),
  query('stderr', 'boolean', 'Sends its errors.'),
  query('stdin', 'boolean', 'Gives it input.'),
  query('stdout', 'boolean', 'Sends its output.'),
  query('tty', 'boolean', 'Gives it a terminal.'),
];

const FORCE = query('force', 'boolean', 'Takes fields over that others manage; for apply patches.');
const PRETTY = query('pretty', 'string', 'Indents the answer.');
const NAME: Parameter = { name: 'name', in: 'path', type: 'string', description: 'Name of the object.' };
const NAMESPACE: Parameter = { name: 'namespace', in: 'path', type: 'string', description: 'Namespace of the object.' };

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Every path of a resource with what can be done there. */
export function operationsOf(definition: ResourceDefinition): ReadonlyMap<string, readonly Operation[]> {
  const { group, version, resource, namespaced, verbs } = definition;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${resource}`;
  const paths = new Map<string, readonly Operation[]>();
  paths.set(collection, collectionOperations(definition, verbs));
  if (namespaced && verbs.includes('list')) paths.set(`${root}/${resource}`, [listOperation(definition, false)]);
  paths.set(`${collection}/{name}`, objectOperations(definition, undefined));
  for (const subresource of definition.subresources) {
    paths.set(`${collection}/{name}/${subresource.name}`, objectOperations(definition, subresource));
  }
  return paths;
}

function collectionOperations(definition: ResourceDefinition, verbs: readonly ResourceVerb[]): readonly Operation[] {
  const { namespaced } = definition;
  const scope = namespaced ? [NAMESPACE] : [];
  return [
    ...(verbs.includes('list') ? [listOperation(definition, namespaced)] : []),
    ...(verbs.includes('create')
      ? [
          {
            ...describe(definition, undefined, 'post', 'create', namespaced),
            parameters: [...scope, ...WRITE_PARAMETERS, PRETTY],
            body: definition.schemaName,
            answer: definition.schemaName,
          },
        ]
      : []),
    ...(verbs.includes('deletecollection')
      ? [
          {
            ...describe(definition, undefined, 'delete', 'deleteCollection', namespaced),
            action: 'deletecollection',
            parameters: [...scope, ...LIST_PARAMETERS.slice(1, -1), ...DELETE_PARAMETERS, PRETTY],
            body: DELETE_OPTIONS,
          },
        ]
      : []),
  ];
}

function listOperation(definition: ResourceDefinition, inNamespace: boolean): Operation {
  const described = describe(definition, undefined, 'get', 'list', inNamespace);
  return {
    ...described,
    id: definition.namespaced && !inNamespace ? `${described.id}ForAllNamespaces` : described.id,
    action: 'list',
    parameters: [...(inNamespace ? [NAMESPACE] : []), ...LIST_PARAMETERS, PRETTY],
    answer: listSchemaName(definition),
  };
}

function objectOperations(
  definition: ResourceDefinition,
  subresource: SubresourceDefinition | undefined,
): readonly Operation[] {
  const verbs = subresource?.verbs ?? definition.verbs;
  const schema = schemaNameOf(definition, subresource);
  const path = [...(definition.namespaced ? [NAMESPACE] : []), NAME];
  const isLog = subresource?.name === 'log';
  const of = (method: Operation['method'], verb: string) =>
    describe(definition, subresource, method, verb, definition.namespaced);
  if (subresource?.name === 'exec') {
    const parameters = [...path, ...EXEC_PARAMETERS];
    return (['get', 'post'] as const).map((method) => ({
      ...of(method, `connect${capitalised(method)}`),
      action: 'connect',
      parameters,
    }));
  }
  return [
    ...(verbs.includes('get')
      ? [{ ...of('get', 'read'), parameters: [...path, PRETTY], ...(isLog ? {} : { answer: schema }) }]
      : []),
    ...(verbs.includes('create') && subresource !== undefined
      ? [{ ...of('post', 'create'), parameters: [...path, ...WRITE_PARAMETERS, PRETTY], body: schema, answer: schema }]
      : []),
    ...(verbs.includes('update')
      ? [{ ...of('put', 'replace'), parameters: [...path, ...WRITE_PARAMETERS, PRETTY], body: schema, answer: schema }]
      : []),
    ...(verbs.includes('patch')
      ? [
          {
            ...of('patch', 'patch'),
            parameters: [...path, ...WRITE_PARAMETERS, FORCE, PRETTY],
            body: 'patch',
            answer: schema,
            consumes: PATCH_TYPES.filter((type) => definition.strategicMerge || !type.includes('strategic')),
          },
        ]
      : []),
    ...(verbs.includes('delete') && subresource === undefined
      ? [{ ...of('delete', 'delete'), parameters: [...path, ...DELETE_PARAMETERS, PRETTY], body: DELETE_OPTIONS }]
      : []),
  ];
}

function describe(
  definition: ResourceDefinition,
  subresource: SubresourceDefinition | undefined,
  method: Operation['method'],
  verb: string,
  inNamespace: boolean,
): Omit<Operation, 'parameters'> {
  const [groupName = ''] = definition.group.split('.');
  const group = groupName === '' ? 'Core' : capitalised(groupName);
  const scope = inNamespace ? 'Namespaced' : '';
  const part = subresource === undefined ? '' : capitalised(subresource.name);
  return {
    method,
    id: `${verb}${group}${capitalised(definition.version)}${scope}${definition.kind}${part}`,
    description: `${capitalised(verb)} ${subresource === undefined ? '' : `${subresource.name} of `}${definition.kind}`,
    action: method,
    kind: kindOf(definition, subresource),
    consumes: ['application/json'],
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
