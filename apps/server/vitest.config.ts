import { fileURLToPath } from 'node:url';
import { withOwnWorkers } from '@fleetwire/config/vitest';

// The tests of the database run on a private PostgreSQL too, where the machine has one.
export default withOwnWorkers(['src/start-page.test.ts'], {
  globalSetup: [fileURLToPath(import.meta.resolve('@fleetwire/config/services'))],
});
