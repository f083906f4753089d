import { fileURLToPath } from 'node:url';
import { vitestConfig } from '@fleetwire/config/vitest';
import { mergeConfig } from 'vitest/config';

// The tests of the database run on a private PostgreSQL too, where the machine has one.
export default mergeConfig(vitestConfig, {
  test: { globalSetup: [fileURLToPath(import.meta.resolve('@fleetwire/config/services'))] },
});
