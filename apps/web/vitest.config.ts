import { withOwnWorkers } from '@fleetwire/config/vitest';

export default withOwnWorkers(['src/plugins/load-anew.test.ts', 'src/plugins/plugin-host-of.test.ts']);
