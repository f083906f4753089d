import { vitestConfig } from '@fleetwire/config/vitest';
import { mergeConfig } from 'vitest/config';

// No file leaves anything behind in its modules, and loading them again for each costs more than many of the tests.
export default mergeConfig(vitestConfig, { test: { isolate: false } });
