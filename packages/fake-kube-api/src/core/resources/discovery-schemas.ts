import { readSchemas } from './schema-notation.ts';

/** Types of `discovery`. */
export const discoverySchemas = readSchemas('io.k8s.api.discovery.v1', {
  EndpointSlice: {
    about: 'Some of the addresses that implement a service.',
    root: true,
    fields: {
      addressType: 'string! | IPv4, IPv6 or FQDN.',
      endpoints: '[Endpoint] | The addresses, at most 1000.',
      ports: '[EndpointPort] | Ports of every address.',
    },
  },
  Endpoint: {
    about: 'One address with its state.',
    fields: {
      addresses: '[string]! set',
      conditions: 'EndpointConditions',
      deprecatedTopology: '{string}',
      hints: 'EndpointHints',
      hostname: 'string',
      nodeName: 'string',
      targetRef: 'core.ObjectReference',
      zone: 'string',
    },
  },
  EndpointConditions: {
    about: 'State of an address.',
    fields: {
      ready: 'boolean',
      serving: 'boolean',
      terminating: 'boolean',
    },
  },
  EndpointHints: {
    fields: {
      forNodes: '[ForNode]',
      forZones: '[ForZone]',
    },
  },
  ForNode: {
    fields: {
      name: 'string!',
    },
  },
  ForZone: {
    fields: {
      name: 'string!',
    },
  },
  EndpointPort: {
    about: 'A port of the addresses.',
    fields: {
      appProtocol: 'string',
      name: 'string',
      port: 'int32',
      protocol: 'string',
    },
  },
});
