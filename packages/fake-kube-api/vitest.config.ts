export { vitestConfig as default } from '@fleetwire/config/vitest';
