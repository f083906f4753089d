import type { KubeObject } from '../../protocol/kube-object.ts';
import type { StatusCause } from '../../protocol/status.ts';
import { jsonEqual } from '../patch/json-value.ts';
import { duplicate, forbiddenValue, invalidValue, notFoundValue, required, unsupported } from './field-causes.ts';
import { fieldsAt, itemsAt, textAt, valueAt, type Fields } from './read-fields.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_LABEL_DETAIL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const MAX_LABEL_LENGTH = 63;

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** What is wrong with a pod; `old` is absent at creation. */
export function validatePod(pod: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const causes = podSpecCauses(fieldsAt(pod, 'spec'), 'spec', RESTART_POLICIES);
  if (old === undefined || causes.length > 0) return causes;
  if (jsonEqual(fixedPart(pod, old), fixedPart(old, old))) return [];
  return [
    forbiddenValue(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
}

/** A spec without what may change while the pod exists: images, and the node as long as there is none. */
function fixedPart(pod: KubeObject, old: KubeObject): Fields {
  const spec = fieldsAt(pod, 'spec');
  const isBound = textAt(old, 'spec', 'nodeName') !== '';
  const withoutImages = (name: string): readonly Fields[] =>
    itemsAt(spec, name).map(({ image: _, resources: __, ...container }) => container);
  return {
    ...spec,
    containers: withoutImages('containers'),
    initContainers: withoutImages('initContainers'),
    ephemeralContainers: undefined,
    activeDeadlineSeconds: undefined,
    schedulingGates: undefined,
    tolerations: undefined,
    nodeName: isBound ? spec['nodeName'] : undefined,
    terminationGracePeriodSeconds: undefined,
  };
}

/** What is wrong with a pod spec at `path`, in a pod or in a template; `claimed` are volumes that others will add. */
export function podSpecCauses(
  spec: Fields,
  path: string,
  restartPolicies: readonly string[],
  claimed: readonly string[] = [],
): readonly StatusCause[] {
  const restartPolicy = textAt(spec, 'restartPolicy');
  const containers = itemsAt(spec, 'containers');
  const volumes = new Set([...claimed, ...itemsAt(spec, 'volumes').map((volume) => textAt(volume, 'name'))]);
  const names = [...itemsAt(spec, 'initContainers'), ...containers].map((container) => textAt(container, 'name'));
  return [
    ...volumeCauses(itemsAt(spec, 'volumes'), `${path}.volumes`),
    ...(containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...containers.flatMap((container, index) =>
      containerCauses(container, `${path}.containers[${index}]`, names, volumes),
    ),
    ...itemsAt(spec, 'initContainers').flatMap((container, index) =>
      containerCauses(container, `${path}.initContainers[${index}]`, names, volumes),
    ),
    ...(restartPolicies.includes(restartPolicy)
      ? []
      : [unsupported(`${path}.restartPolicy`, restartPolicy, restartPolicies)]),
  ];
}

function nameCauses(name: string, path: string): readonly StatusCause[] {
  if (name === '') return [required(path)];
  if (name.length > MAX_LABEL_LENGTH) return [invalidValue(path, name, 'must be no more than 63 bytes')];
  return DNS_LABEL.test(name) ? [] : [invalidValue(path, name, DNS_LABEL_DETAIL)];
}

function volumeCauses(volumes: readonly Fields[], path: string): readonly StatusCause[] {
  const names = volumes.map((volume) => textAt(volume, 'name'));
  return names.flatMap((name, index) => [
    ...nameCauses(name, `${path}[${index}].name`),
    ...(name !== '' && names.indexOf(name) < index ? [duplicate(`${path}[${index}].name`, name)] : []),
  ]);
}

function containerCauses(
  container: Fields,
  path: string,
  names: readonly string[],
  volumes: ReadonlySet<string>,
): readonly StatusCause[] {
  const name = textAt(container, 'name');
  const pullPolicy = textAt(container, 'imagePullPolicy');
  return [
    ...nameCauses(name, `${path}.name`),
    ...(name !== '' && names.filter((one) => one === name).length > 1 ? [duplicate(`${path}.name`, name)] : []),
    ...(textAt(container, 'image') === '' ? [required(`${path}.image`)] : []),
    ...(PULL_POLICIES.includes(pullPolicy) ? [] : [unsupported(`${path}.imagePullPolicy`, pullPolicy, PULL_POLICIES)]),
    ...itemsAt(container, 'ports').flatMap((port, index) => portCauses(port, `${path}.ports[${index}]`)),
    ...itemsAt(container, 'env').flatMap((variable, index) => {
      const at = `${path}.env[${index}]`;
      const isTwice = textAt(variable, 'value') !== '' && variable['valueFrom'] !== undefined;
      return [
        ...(textAt(variable, 'name') === '' ? [required(`${at}.name`)] : []),
        ...(isTwice ? [invalidValue(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty')] : []),
      ];
    }),
    ...itemsAt(container, 'volumeMounts').flatMap((mount, index) => {
      const at = `${path}.volumeMounts[${index}]`;
      const volume = textAt(mount, 'name');
      return [
        ...(volume === ''
          ? [required(`${at}.name`)]
          : volumes.has(volume)
            ? []
            : [notFoundValue(`${at}.name`, volume)]),
        ...(textAt(mount, 'mountPath') === '' ? [required(`${at}.mountPath`)] : []),
      ];
    }),
  ];
}

/** A port of a container or a service; `name` is the field that holds its number. */
export function portNumberCauses(port: unknown, path: string): readonly StatusCause[] {
  if (port === undefined || port === null) return [required(path)];
  const isPort = typeof port === 'number' && port >= 1 && port <= 65535;
  return isPort ? [] : [invalidValue(path, port, 'must be between 1 and 65535, inclusive')];
}

function portCauses(port: Fields, path: string): readonly StatusCause[] {
  const protocol = valueAt(port, 'protocol');
  return [
    ...portNumberCauses(port['containerPort'], `${path}.containerPort`),
    ...protocolCauses(protocol, `${path}.protocol`),
  ];
}

/** TCP, UDP or SCTP. */
export function protocolCauses(protocol: unknown, path: string): readonly StatusCause[] {
  return typeof protocol === 'string' && PROTOCOLS.includes(protocol) ? [] : [unsupported(path, protocol, PROTOCOLS)];
}
