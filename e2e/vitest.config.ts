import { vitestConfig } from '@fleetwire/config/vitest';
import { mergeConfig } from 'vitest/config';

// A browser, a server and its demo cluster share two cores with the tests of other packages.
const config = mergeConfig(vitestConfig, { test: { testTimeout: 120_000 } });

export { config as default };
