import { readSchemas } from './schema-notation.ts';

/** Types of `apiextensions`. */
export const apiextensionsSchemas = readSchemas('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1', {
  CustomResourceDefinition: {
    about: 'Adds a type of resource to the server.',
    root: true,
    fields: {
      spec: 'CustomResourceDefinitionSpec!',
      status: 'CustomResourceDefinitionStatus',
    },
  },
  CustomResourceDefinitionSpec: {
    about: 'Names, scope and versions of the type.',
    fields: {
      conversion: 'CustomResourceConversion',
      group: 'string! | Group of the resource.',
      names: 'CustomResourceDefinitionNames! | How it is called.',
      preserveUnknownFields: 'boolean',
      scope: 'string! | Namespaced or Cluster.',
      versions: '[CustomResourceDefinitionVersion]! | Versions that it has.',
    },
  },
  CustomResourceConversion: {
    fields: {
      strategy: 'string!',
      webhook: 'WebhookConversion',
    },
  },
  WebhookConversion: {
    fields: {
      clientConfig: 'WebhookClientConfig',
      conversionReviewVersions: '[string]!',
    },
  },
  WebhookClientConfig: {
    fields: {
      caBundle: 'bytes',
      service: 'ServiceReference',
      url: 'string',
    },
  },
  ServiceReference: {
    fields: {
      name: 'string!',
      namespace: 'string!',
      path: 'string',
      port: 'int32',
    },
  },
  CustomResourceDefinitionNames: {
    about: 'How the type is called.',
    fields: {
      categories: '[string]',
      kind: 'string!',
      listKind: 'string',
      plural: 'string!',
      shortNames: '[string]',
      singular: 'string',
    },
  },
  CustomResourceDefinitionVersion: {
    about: 'One version of the type.',
    fields: {
      additionalPrinterColumns: '[CustomResourceColumnDefinition] | Columns beside the name.',
      deprecated: 'boolean',
      deprecationWarning: 'string',
      name: 'string!',
      schema: 'CustomResourceValidation | What objects look like.',
      selectableFields: '[SelectableField]',
      served: 'boolean! | Whether requests of this version are answered.',
      storage: 'boolean! | True for exactly one version.',
      subresources: 'CustomResourceSubresources',
    },
  },
  CustomResourceColumnDefinition: {
    about: 'A column that is printed for the type.',
    fields: {
      description: 'string',
      format: 'string',
      jsonPath: 'string!',
      name: 'string!',
      priority: 'int32',
      type: 'string!',
    },
  },
  CustomResourceValidation: {
    fields: {
      openAPIV3Schema: 'JSONSchemaProps',
    },
  },
  JSONSchemaProps: {
    about: 'A JSON schema in the dialect of Kubernetes.',
    fields: {
      $ref: 'string',
      $schema: 'string',
      additionalItems: 'any',
      additionalProperties: 'any',
      allOf: '[JSONSchemaProps]',
      anyOf: '[JSONSchemaProps]',
      default: 'any',
      definitions: '{JSONSchemaProps}',
      dependencies: '{any}',
      description: 'string',
      enum: '[any]',
      example: 'any',
      exclusiveMaximum: 'boolean',
      exclusiveMinimum: 'boolean',
      externalDocs: 'ExternalDocumentation',
      format: 'string',
      id: 'string',
      items: 'any',
      maxItems: 'int64',
      maxLength: 'int64',
      maxProperties: 'int64',
      maximum: 'double',
      minItems: 'int64',
      minLength: 'int64',
      minProperties: 'int64',
      minimum: 'double',
      multipleOf: 'double',
      not: 'JSONSchemaProps',
      nullable: 'boolean',
      oneOf: '[JSONSchemaProps]',
      pattern: 'string',
      patternProperties: '{JSONSchemaProps}',
      properties: '{JSONSchemaProps}',
      required: '[string]',
      title: 'string',
      type: 'string',
      uniqueItems: 'boolean',
      'x-kubernetes-embedded-resource': 'boolean',
      'x-kubernetes-int-or-string': 'boolean',
      'x-kubernetes-list-map-keys': '[string]',
      'x-kubernetes-list-type': 'string',
      'x-kubernetes-map-type': 'string',
      'x-kubernetes-preserve-unknown-fields': 'boolean',
      'x-kubernetes-validations': '[ValidationRule]',
    },
  },
  ExternalDocumentation: {
    fields: {
      description: 'string',
      url: 'string',
    },
  },
  ValidationRule: {
    fields: {
      fieldPath: 'string',
      message: 'string',
      messageExpression: 'string',
      optionalOldSelf: 'boolean',
      reason: 'string',
      rule: 'string!',
    },
  },
  SelectableField: {
    fields: {
      jsonPath: 'string!',
    },
  },
  CustomResourceSubresources: {
    fields: {
      scale: 'CustomResourceSubresourceScale',
      status: 'any',
    },
  },
  CustomResourceSubresourceScale: {
    fields: {
      labelSelectorPath: 'string',
      specReplicasPath: 'string!',
      statusReplicasPath: 'string!',
    },
  },
  CustomResourceDefinitionStatus: {
    about: 'Whether the type is served.',
    fields: {
      acceptedNames: 'CustomResourceDefinitionNames',
      conditions: '[CustomResourceDefinitionCondition] map=type',
      observedGeneration: 'int64',
      storedVersions: '[string]',
    },
  },
  CustomResourceDefinitionCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      observedGeneration: 'int64',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
});
