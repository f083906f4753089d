import { readSchemas } from './schema-notation.ts';

/** What objects of all groups share. */
export const metaSchemas = readSchemas('io.k8s.apimachinery.pkg.apis.meta.v1', {
  ObjectMeta: {
    about: "What every object has: name, labels and the server's notes.",
    fields: {
      annotations: '{string} | Names and values that nothing is selected by.',
      creationTimestamp: 'time | When the server made the object.',
      deletionGracePeriodSeconds: 'int64 | Seconds that the object had to end by itself.',
      deletionTimestamp: 'time | When the object is due to go; set once deletion was asked for.',
      finalizers: '[string] set merge | Who still has to act before the object goes.',
      generateName: 'string | Start of a name that the server completes; used when `name` is empty.',
      generation: 'int64 | Counts changes of what is wanted.',
      labels: '{string} | Names and values to select objects by.',
      managedFields: '[ManagedFieldsEntry] | Who has set which fields.',
      name: 'string | Unique within the namespace; it never changes.',
      namespace: 'string | The namespace of the object; empty for cluster-wide resources.',
      ownerReferences:
        '[OwnerReference] map=uid merge=uid | Objects that this one belongs to; when all are gone, it goes too.',
      resourceVersion: 'string | Changes with every write; to be compared for equality alone.',
      selfLink: 'string | No longer filled in.',
      uid: 'string | Set by the server; differs from that of an earlier object of the same name.',
    },
  },
  ManagedFieldsEntry: {
    about: 'The fields that one manager has set.',
    fields: {
      apiVersion: 'string',
      fieldsType: 'string',
      fieldsV1: 'any',
      manager: 'string',
      operation: 'string',
      subresource: 'string',
      time: 'time',
    },
  },
  OwnerReference: {
    about: 'Names an object that this one belongs to.',
    fields: {
      apiVersion: 'string!',
      blockOwnerDeletion: 'boolean | Keeps the owner until this object is gone, when it is deleted in the foreground.',
      controller: 'boolean | True for the one that manages this object.',
      kind: 'string!',
      name: 'string!',
      uid: 'string!',
    },
  },
  LabelSelector: {
    about: 'Selects objects by their labels; an empty one selects all.',
    atomic: true,
    fields: {
      matchExpressions: '[LabelSelectorRequirement] | Tests that must all hold.',
      matchLabels: '{string} | Labels that must have exactly these values.',
    },
  },
  LabelSelectorRequirement: {
    about: 'A test of one label.',
    fields: {
      key: 'string!',
      operator: 'string! | In, NotIn, Exists or DoesNotExist.',
      values: '[string]',
    },
  },
  Condition: {
    about: 'One aspect of the state of an object.',
    fields: {
      lastTransitionTime: 'time! | When the status last changed.',
      message: 'string! | Why.',
      observedGeneration: 'int64',
      reason: 'string! | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
});
