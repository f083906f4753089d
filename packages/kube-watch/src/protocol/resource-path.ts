import type { KubeResource } from './resource.ts';

/** What a path below a Kubernetes API names. */
export interface ResourcePath extends KubeResource {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource, for `proxy`. */
  readonly rest?: string;
}

/** Path of a collection, an object or a subresource, each segment encoded (Kubernetes documentation, API concepts). */
export function resourcePath(target: ResourcePath): string {
  const { group, version, resource, namespace, name, subresource } = target;
  const root = group === undefined || group === '' ? ['api', version] : ['apis', group, version];
  const segments = [...root, ...(namespace === undefined ? [] : ['namespaces', namespace]), resource];
  if (name !== undefined) segments.push(name);
  if (subresource !== undefined) segments.push(...subresource.split('/'));
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

/**
 * Takes a path apart as k8s.io/apiserver's RequestInfo does. Undefined for what is no resource (`/version`, `/apis`) and
 * for what is not well formed: an empty or a `.` or `..` segment, a bad escape, an encoded slash. `namespaces/x` alone is
 * the object `x` of the resource `namespaces`, and its `status` and `finalize` are its subresources.
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  if (!path.startsWith('/')) return undefined;
  const segments: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    const segment = decodeSegment(raw);
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  const [root, ...tail] = segments;
  if (root === 'api') return parseTail('', tail);
  if (root === 'apis') return parseTail(tail[0] ?? '', tail.slice(1));
  return undefined;
}

function decodeSegment(raw: string): string | undefined {
  let segment: string;
  try {
    segment = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  if (segment === '' || segment === '.' || segment === '..' || /[/\\%\0]/.test(segment)) return undefined;
  return segment;
}

function parseTail(group: string, tail: readonly string[]): ResourcePath | undefined {
  const [version, ...rest] = tail;
  if (version === undefined || rest.length === 0) return undefined;
  const root = { ...(group === '' ? {} : { group }), version };
  const [first, namespace, third, ...more] = rest;
  const isNamespaced =
    first === 'namespaces' && namespace !== undefined && third !== undefined && !['status', 'finalize'].includes(third);
  if (isNamespaced) return withName({ ...root, namespace, resource: third }, more);
  return withName({ ...root, resource: first as string }, rest.slice(1));
}

function withName(target: ResourcePath, tail: readonly string[]): ResourcePath {
  const [name, subresource, ...rest] = tail;
  return {
    ...target,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(rest.length === 0 ? {} : { rest: rest.join('/') }),
  };
}
