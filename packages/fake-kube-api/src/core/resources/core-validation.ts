import type { KubeObject } from '../../protocol/kube-object.ts';
import type { StatusCause } from '../../protocol/status.ts';
import { jsonEqual } from '../patch/json-value.ts';
import { forbiddenValue, invalidValue, required, unsupported } from './field-causes.ts';
import { portNumberCauses, protocolCauses } from './pod-validation.ts';
import { fieldsAt, itemsAt, textAt, textsAt, valueAt, type Fields } from './read-fields.ts';

type Validate = (object: KubeObject, old: KubeObject | undefined) => readonly StatusCause[];

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Ports of a service, and the address that it keeps. */
export const validateService: Validate = (object, old) => {
  const type = textAt(object, 'spec', 'type');
  const ports = itemsAt(object, 'spec', 'ports');
  const isPortless = type === 'ExternalName' || textAt(object, 'spec', 'clusterIP') === 'None';
  const formerIP = textAt(old, 'spec', 'clusterIP');
  const clusterIP = textAt(object, 'spec', 'clusterIP');
  return [
    ...(SERVICE_TYPES.includes(type) ? [] : [unsupported('spec.type', type, SERVICE_TYPES)]),
    ...(type === 'ExternalName' && textAt(object, 'spec', 'externalName') === ''
      ? [required('spec.externalName')]
      : []),
    ...(ports.length === 0 && !isPortless ? [required('spec.ports')] : []),
    ...ports.flatMap((port, index) => [
      ...(ports.length > 1 && textAt(port, 'name') === '' ? [required(`spec.ports[${index}].name`)] : []),
      ...portNumberCauses(port['port'], `spec.ports[${index}].port`),
      ...protocolCauses(port['protocol'] ?? 'TCP', `spec.ports[${index}].protocol`),
    ]),
    ...(formerIP !== '' && type !== 'ExternalName' && formerIP !== clusterIP
      ? [invalidValue('spec.clusterIPs[0]', [clusterIP], 'may not change once set')]
      : []),
  ];
};

/** Configuration that was declared immutable stays as it is. */
export const validateConfigMap: Validate = (object, old) => immutableDataCauses(object, old, ['data', 'binaryData']);

/** The type of a secret never changes. */
export const validateSecret: Validate = (object, old) => [
  ...immutableDataCauses(object, old, ['data']),
  ...(old === undefined || object['type'] === old['type']
    ? []
    : [invalidValue('type', object['type'], 'field is immutable')]),
];

function immutableDataCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  names: readonly string[],
): readonly StatusCause[] {
  if (old?.['immutable'] !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  return [
    ...(object['immutable'] === true ? [] : [forbiddenValue('immutable', detail)]),
    ...names
      .filter((name) => !jsonEqual(object[name] ?? {}, old[name] ?? {}))
      .map((name) => forbiddenValue(name, detail)),
  ];
}

/** A claim says how it is used and how large it is; both stay, but that it may grow. */
export const validatePersistentVolumeClaim: Validate = (object, old) => {
  const spec = fieldsAt(object, 'spec');
  const former = fieldsAt(old, 'spec');
  // A claim of no class may be given the default one later (Kubernetes documentation, Persistent Volumes).
  const isClassless = valueAt(former, 'storageClassName') === undefined;
  const fixed = ({ resources: _, volumeName: __, volumeAttributesClassName: ___, ...rest }: Fields): Fields =>
    isClassless ? { ...rest, storageClassName: undefined } : rest;
  return [
    ...accessModeCauses(object),
    ...(valueAt(spec, 'resources', 'requests', 'storage') === undefined ? [required('spec.resources[storage]')] : []),
    ...(old === undefined || jsonEqual(fixed(spec), fixed(former))
      ? []
      : [
          forbiddenValue(
            'spec',
            'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
          ),
        ]),
  ];
};

/** A volume says what it is, how large it is and how it is used. */
export const validatePersistentVolume: Validate = (object) => [
  ...accessModeCauses(object),
  ...(valueAt(object, 'spec', 'capacity', 'storage') === undefined ? [required('spec.capacity')] : []),
];

function accessModeCauses(object: KubeObject): readonly StatusCause[] {
  const modes = textsAt(object, 'spec', 'accessModes');
  if (modes.length === 0) return [required('spec.accessModes', 'at least 1 access mode is required')];
  return modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => unsupported('spec.accessModes', mode, ACCESS_MODES));
}

/** Rules of an ingress lead to services. */
export const validateIngress: Validate = (object) => {
  const rules = itemsAt(object, 'spec', 'rules');
  const hasNothing = rules.length === 0 && valueAt(object, 'spec', 'defaultBackend') === undefined;
  return [
    ...(hasNothing ? [invalidValue('spec', rules, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...rules.flatMap((rule, at) =>
      itemsAt(rule, 'http', 'paths').flatMap((path, index) =>
        textAt(path, 'pathType') === '' ? [required(`spec.rules[${at}].http.paths[${index}].pathType`)] : [],
      ),
    ),
  ];
};

/** A class names who makes its volumes. */
export const validateStorageClass: Validate = (object, old) => [
  ...(textAt(object, 'provisioner') === '' ? [required('provisioner')] : []),
  ...(old === undefined || jsonEqual(object['parameters'] ?? {}, old['parameters'] ?? {})
    ? []
    : [forbiddenValue('parameters', 'updates to parameters are forbidden.')]),
];

/** A type is named after its plural and its group, and has exactly one version that is stored. */
export const validateCustomResourceDefinition: Validate = (object) => {
  const [group, plural] = [textAt(object, 'spec', 'group'), textAt(object, 'spec', 'names', 'plural')];
  const scope = textAt(object, 'spec', 'scope');
  const versions = itemsAt(object, 'spec', 'versions');
  const expected = `${plural}.${group}`;
  return [
    ...(object.metadata.name === expected
      ? []
      : [invalidValue('metadata.name', object.metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...(group === '' ? [required('spec.group')] : []),
    ...(plural === '' ? [required('spec.names.plural')] : []),
    ...(textAt(object, 'spec', 'names', 'kind') === '' ? [required('spec.names.kind')] : []),
    ...(['Cluster', 'Namespaced'].includes(scope) ? [] : [unsupported('spec.scope', scope, ['Cluster', 'Namespaced'])]),
    ...(versions.length === 0 ? [required('spec.versions')] : []),
    ...(versions.length > 0 && versions.filter((version) => version['storage'] === true).length !== 1
      ? [
          invalidValue(
            'spec.versions',
            versions.map((version) => textAt(version, 'name')),
            'must have exactly one version marked as storage version',
          ),
        ]
      : []),
    ...versions.flatMap((version, index) =>
      valueAt(version, 'schema', 'openAPIV3Schema') === undefined
        ? [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')]
        : [],
    ),
  ];
};
