import type { KubeObject } from '../../protocol/kube-object.ts';
import { isRecord } from '../patch/json-value.ts';
import { withDefaults, withField, withItems } from './defaults.ts';
import { encodeBase64 } from './base64.ts';
import { fieldsAt, textAt, type Fields } from './read-fields.ts';

/** First of the node ports, and how many there are (Kubernetes documentation, Service, § type NodePort). */
const NODE_PORTS = { first: 30_000, count: 2768 } as const;

/** A namespace begins active, and ends only when its content has gone. */
export function prepareNamespace(object: KubeObject, old: KubeObject | undefined): KubeObject {
  if (old !== undefined) return object;
  const { name, labels } = object.metadata;
  return {
    ...object,
    metadata: { ...object.metadata, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
    spec: withDefaults(fieldsAt(object, 'spec'), { finalizers: ['kubernetes'] }),
    status: { phase: 'Active' },
  };
}

/** `stringData` becomes part of `data`. */
export function prepareSecret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = withDefaults(object, { type: 'Opaque' }) as KubeObject & { stringData?: unknown };
  if (!isRecord(stringData)) return object['type'] === undefined || stringData !== undefined ? rest : object;
  const encoded = Object.entries(stringData).map(([name, text]) => [name, encodeBase64(String(text))] as const);
  return { ...rest, data: { ...fieldsAt(object, 'data'), ...Object.fromEntries(encoded) } };
}

/** A service keeps the addresses and ports that it was given; the first come from its uid, so they are always the same. */
export function prepareService(object: KubeObject, old: KubeObject | undefined): KubeObject {
  const prepared = withField(object, 'spec', (spec) => serviceSpec(spec, object, old));
  return old === undefined ? { ...prepared, status: { loadBalancer: {} } } : prepared;
}

function serviceSpec(given: Fields, object: KubeObject, old: KubeObject | undefined): Fields {
  const type = textAt(given, 'type') === '' ? 'ClusterIP' : textAt(given, 'type');
  const spec = withDefaults(given, { type, sessionAffinity: 'None' });
  if (type === 'ExternalName') return spec;
  const number = hashOf(object.metadata.uid);
  const formerIP = textAt(old, 'spec', 'clusterIP');
  const clusterIP =
    textAt(spec, 'clusterIP') || (formerIP === '' ? `10.96.${(number >>> 8) % 256}.${(number % 254) + 1}` : formerIP);
  const hasNodePorts = type === 'NodePort' || type === 'LoadBalancer';
  const formerPorts = Array.isArray(fieldsAt(old, 'spec')['ports'])
    ? (fieldsAt(old, 'spec')['ports'] as unknown[])
    : [];
  const withPorts = withItems(spec, 'ports', (port) => {
    const former = formerPorts.find((one) => isRecord(one) && one['port'] === port['port']);
    const formerPort = isRecord(former) ? former['nodePort'] : undefined;
    const nodePort = formerPort ?? NODE_PORTS.first + ((number + Number(port['port'])) % NODE_PORTS.count);
    return withDefaults(port, { protocol: 'TCP', targetPort: port['port'], ...(hasNodePorts ? { nodePort } : {}) });
  });
  return withDefaults(clusterIP === spec['clusterIP'] ? withPorts : { ...withPorts, clusterIP }, {
    clusterIPs: [clusterIP],
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ...(hasNodePorts ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
  });
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Defaults of a CustomResourceDefinition. Its status is for whoever serves the types. */
export function prepareCustomResourceDefinition(object: KubeObject, old: KubeObject | undefined): KubeObject {
  const prepared = withField(object, 'spec', (spec) =>
    withDefaults(withField(spec, 'names', nameDefaults), { conversion: { strategy: 'None' } }),
  );
  return old === undefined ? { ...prepared, status: {} } : prepared;
}

function nameDefaults(names: Fields): Fields {
  const kind = textAt(names, 'kind');
  return withDefaults(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
}
