import { readSchemas } from './schema-notation.ts';

/** Types of `storage`. */
export const storageSchemas = readSchemas('io.k8s.api.storage.v1', {
  StorageClass: {
    about: 'A way to make volumes.',
    root: true,
    fields: {
      allowVolumeExpansion: 'boolean | Whether claims may grow.',
      allowedTopologies: '[TopologySelectorTerm]',
      mountOptions: '[string]',
      parameters: '{string} | What the provisioner is told.',
      provisioner: 'string! | Who makes the volumes.',
      reclaimPolicy: 'string | Delete or Retain. Default Delete.',
      volumeBindingMode: 'string | Immediate or WaitForFirstConsumer. Default Immediate.',
    },
  },
  TopologySelectorTerm: {
    atomic: true,
    fields: {
      matchLabelExpressions: '[TopologySelectorLabelRequirement]',
    },
  },
  TopologySelectorLabelRequirement: {
    fields: {
      key: 'string!',
      values: '[string]!',
    },
  },
});
