import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import { ageColumn, column, labelsText, nameColumn, NONE, selectorText } from './columns.ts';
import { fieldsAt, itemsAt, numberAt, textAt, textsAt, valueAt, type Fields } from './read-fields.ts';

/** At most so many addresses or ports are shown; the rest is counted. */
const MAX_SHOWN = 3;

/** The columns of `kubectl get services`. */
export const serviceColumns: readonly TableColumn[] = [
  nameColumn,
  column('Type', 'How the service is reached.', (service) => textAt(service, 'spec', 'type')),
  column('Cluster-IP', 'The stable address.', (service) => textAt(service, 'spec', 'clusterIP') || NONE),
  column('External-IP', 'Addresses from outside.', externalAddress),
  column('Port(s)', 'Ports of the service, with those of the nodes.', (service) => {
    const ports = itemsAt(service, 'spec', 'ports').map((port) => {
      const nodePort = numberAt(port, 'nodePort');
      return `${numberAt(port, 'port')}${nodePort === 0 ? '' : `:${nodePort}`}/${textAt(port, 'protocol')}`;
    });
    return ports.join(',') || NONE;
  }),
  ageColumn,
  column('Selector', 'Labels of the pods behind it.', (service) => labelsText(fieldsAt(service, 'spec', 'selector')), {
    wide: true,
  }),
];

function externalAddress(service: KubeObject): string {
  const type = textAt(service, 'spec', 'type');
  if (type === 'ExternalName') return textAt(service, 'spec', 'externalName') || NONE;
  const balanced = type === 'LoadBalancer' ? loadBalancerAddresses(service) : [];
  const addresses = [...balanced, ...textsAt(service, 'spec', 'externalIPs')];
  if (addresses.length > 0) return addresses.join(',');
  return type === 'LoadBalancer' ? '<pending>' : NONE;
}

function loadBalancerAddresses(object: KubeObject): readonly string[] {
  return itemsAt(object, 'status', 'loadBalancer', 'ingress')
    .map((one) => textAt(one, 'ip') || textAt(one, 'hostname'))
    .filter((address) => address !== '');
}

/** The columns of `kubectl get endpoints`. */
export const endpointsColumns: readonly TableColumn[] = [
  nameColumn,
  column('Endpoints', 'Ready addresses with their ports.', (endpoints) => {
    const all = itemsAt(endpoints, 'subsets').flatMap((subset) => {
      const ports = itemsAt(subset, 'ports').map((port) => `:${numberAt(port, 'port')}`);
      return (ports.length === 0 ? [''] : ports).flatMap((port) =>
        itemsAt(subset, 'addresses').map((address) => textAt(address, 'ip') + port),
      );
    });
    return abbreviated(all);
  }),
  ageColumn,
];

/** The columns of `kubectl get endpointslices`. */
export const endpointSliceColumns: readonly TableColumn[] = [
  nameColumn,
  column('AddressType', 'IPv4, IPv6 or FQDN.', (slice) => textAt(slice, 'addressType')),
  column('Ports', 'Ports of the addresses.', (slice) => {
    const ports = itemsAt(slice, 'ports').map((port) =>
      port['port'] === undefined ? '*' : String(numberAt(port, 'port')),
    );
    return abbreviated(ports, '<unset>');
  }),
  column('Endpoints', 'The addresses.', (slice) =>
    abbreviated(
      itemsAt(slice, 'endpoints').flatMap((endpoint) => textsAt(endpoint, 'addresses')),
      '<unset>',
    ),
  ),
  ageColumn,
];

function abbreviated(all: readonly string[], nothing = NONE): string {
  if (all.length === 0) return nothing;
  const rest = all.length - MAX_SHOWN;
  return all.slice(0, MAX_SHOWN).join(',') + (rest > 0 ? ` + ${rest} more...` : '');
}

/** The columns of `kubectl get ingresses`. */
export const ingressColumns: readonly TableColumn[] = [
  nameColumn,
  column(
    'Class',
    'Which controller serves it.',
    (ingress) =>
      textAt(ingress, 'spec', 'ingressClassName') ||
      (ingress.metadata.annotations?.['kubernetes.io/ingress.class'] ?? NONE),
  ),
  column('Hosts', 'Host names of the rules.', (ingress) => {
    const hosts = itemsAt(ingress, 'spec', 'rules').map((rule) => textAt(rule, 'host') || '*');
    const rest = hosts.length - MAX_SHOWN;
    return hosts.length === 0 ? '*' : hosts.slice(0, MAX_SHOWN).join(',') + (rest > 0 ? ` + ${rest} more...` : '');
  }),
  column('Address', 'Addresses of the load balancer.', (ingress) => loadBalancerAddresses(ingress).join(',')),
  column('Ports', 'Ports on which it listens.', (ingress) =>
    itemsAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80',
  ),
  ageColumn,
];

/** The columns of `kubectl get ingressclasses`. */
export const ingressClassColumns: readonly TableColumn[] = [
  nameColumn,
  column('Controller', 'Who serves ingresses of this class.', (one) => textAt(one, 'spec', 'controller')),
  column('Parameters', 'Further settings of the controller.', (one) => {
    const parameters = valueAt(one, 'spec', 'parameters');
    return parameters === undefined ? NONE : parametersText(fieldsAt(one, 'spec', 'parameters'));
  }),
  ageColumn,
];

function parametersText(parameters: Fields): string {
  const group = textAt(parameters, 'apiGroup');
  return `${textAt(parameters, 'kind')}${group === '' ? '' : `.${group}`}/${textAt(parameters, 'name')}`;
}

/** The columns of `kubectl get networkpolicies`. */
export const networkPolicyColumns: readonly TableColumn[] = [
  nameColumn,
  column('Pod-Selector', 'Pods to which it applies.', (policy) =>
    selectorText(fieldsAt(policy, 'spec', 'podSelector')),
  ),
  ageColumn,
];
