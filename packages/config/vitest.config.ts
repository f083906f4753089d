export { vitestConfig as default } from './src/vitest.ts';
