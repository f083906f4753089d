import { readSchemas } from './schema-notation.ts';

/** Types of `networking`. */
export const networkingSchemas = readSchemas('io.k8s.api.networking.v1', {
  Ingress: {
    about: 'Routes HTTP requests from outside to services.',
    root: true,
    fields: {
      spec: 'IngressSpec',
      status: 'IngressStatus',
    },
  },
  IngressSpec: {
    about: 'The rules.',
    fields: {
      defaultBackend: 'IngressBackend | Where requests go that match no rule.',
      ingressClassName: 'string | Which controller serves it.',
      rules: '[IngressRule] | Hosts and paths.',
      tls: '[IngressTLS] | Certificates.',
    },
  },
  IngressBackend: {
    about: 'Where requests go; one member is set.',
    fields: {
      resource: 'core.TypedLocalObjectReference',
      service: 'IngressServiceBackend',
    },
  },
  IngressServiceBackend: {
    fields: {
      name: 'string!',
      port: 'ServiceBackendPort',
    },
  },
  ServiceBackendPort: {
    fields: {
      name: 'string',
      number: 'int32',
    },
  },
  IngressRule: {
    about: 'Paths of one host.',
    fields: {
      host: 'string | Host name; empty matches all.',
      http: 'HTTPIngressRuleValue',
    },
  },
  HTTPIngressRuleValue: {
    fields: {
      paths: '[HTTPIngressPath]!',
    },
  },
  HTTPIngressPath: {
    about: 'Where requests of one path go.',
    fields: {
      backend: 'IngressBackend!',
      path: 'string',
      pathType: 'string! | Exact, Prefix or ImplementationSpecific.',
    },
  },
  IngressTLS: {
    about: 'A certificate for some hosts.',
    fields: {
      hosts: '[string]',
      secretName: 'string',
    },
  },
  IngressStatus: {
    fields: {
      loadBalancer: 'IngressLoadBalancerStatus',
    },
  },
  IngressLoadBalancerStatus: {
    fields: {
      ingress: '[IngressLoadBalancerIngress]',
    },
  },
  IngressLoadBalancerIngress: {
    fields: {
      hostname: 'string',
      ip: 'string',
      ports: '[IngressPortStatus]',
    },
  },
  IngressPortStatus: {
    fields: {
      error: 'string',
      port: 'int32!',
      protocol: 'string!',
    },
  },
  NetworkPolicy: {
    about: 'Which connections the selected pods accept and open.',
    root: true,
    fields: {
      spec: 'NetworkPolicySpec',
    },
  },
  NetworkPolicySpec: {
    about: 'The selected pods and the allowed connections.',
    fields: {
      egress: '[NetworkPolicyEgressRule]',
      ingress: '[NetworkPolicyIngressRule]',
      podSelector: 'meta.LabelSelector',
      policyTypes: '[string]',
    },
  },
  NetworkPolicyEgressRule: {
    fields: {
      ports: '[NetworkPolicyPort]',
      to: '[NetworkPolicyPeer]',
    },
  },
  NetworkPolicyPort: {
    about: 'A port or a range of them.',
    fields: {
      endPort: 'int32',
      port: 'intOrString',
      protocol: 'string',
    },
  },
  NetworkPolicyPeer: {
    about: 'Who is at the other end.',
    fields: {
      ipBlock: 'IPBlock',
      namespaceSelector: 'meta.LabelSelector',
      podSelector: 'meta.LabelSelector',
    },
  },
  IPBlock: {
    fields: {
      cidr: 'string!',
      except: '[string]',
    },
  },
  NetworkPolicyIngressRule: {
    fields: {
      from: '[NetworkPolicyPeer]',
      ports: '[NetworkPolicyPort]',
    },
  },
  IngressClass: {
    about: 'Names the controller that implements ingresses.',
    root: true,
    fields: {
      spec: 'IngressClassSpec',
    },
  },
  IngressClassSpec: {
    fields: {
      controller: 'string',
      parameters: 'IngressClassParametersReference',
    },
  },
  IngressClassParametersReference: {
    fields: {
      apiGroup: 'string',
      kind: 'string!',
      name: 'string!',
      namespace: 'string',
      scope: 'string',
    },
  },
});
