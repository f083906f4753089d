import { readSchemas } from './schema-notation.ts';

/** Types of `coordination`. */
export const coordinationSchemas = readSchemas('io.k8s.api.coordination.v1', {
  Lease: {
    about: 'A lock or a heartbeat.',
    root: true,
    fields: {
      spec: 'LeaseSpec',
    },
  },
  LeaseSpec: {
    about: 'Who holds it, and until when.',
    fields: {
      acquireTime: 'microTime',
      holderIdentity: 'string | Who holds it.',
      leaseDurationSeconds: 'int32 | Seconds without renewal after which others may take it.',
      leaseTransitions: 'int32',
      preferredHolder: 'string',
      renewTime: 'microTime | When the holder last renewed it.',
      strategy: 'string',
    },
  },
});
