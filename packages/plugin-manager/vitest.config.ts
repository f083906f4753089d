import { withOwnWorkers } from '@fleetwire/config/vitest';

// They put something in the place of `node:fs`, or of what else Node brings, before it is loaded.
export default withOwnWorkers([
  'src/node/archive-tree.test.ts',
  'src/node/store/build-files.test.ts',
  'src/node/sync-platforms.test.ts',
  'test/corpus/bad-input.test.ts',
  'test/disk/disk-faults.test.ts',
  'test/disk/extracted-files.test.ts',
  'test/manager/events-poll.test.ts',
]);
