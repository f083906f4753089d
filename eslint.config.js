import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { importDirection } from './packages/config/src/eslint/import-direction.ts';
import { kebabCase } from './packages/config/src/eslint/kebab-case.ts';

const TESTS = ['**/*.test.{ts,tsx}', '**/test/**'];
const PURE = ['packages/*/src/{protocol,core}/**/*.ts'];

export default defineConfig(
  globalIgnores(['**/dist/', '**/.turbo/', '**/.counts/', '**/node_modules/', '**/test-results/']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async function without await is how a fake keeps the interface of the real thing.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['**/*.tsx'], extends: [hooks.configs.flat['recommended-latest']] },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    plugins: { fleetwire: { rules: { 'import-direction': importDirection, 'kebab-case': kebabCase } } },
    rules: { 'fleetwire/import-direction': 'error', 'fleetwire/kebab-case': 'error' },
  },
  {
    files: ['packages/*/src/**/*.{ts,tsx}'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'Re-export by name, so that the public surface is readable.' },
      ],
    },
  },
  {
    files: ['{packages,apps}/*/src/**/*.{ts,tsx}'],
    ignores: TESTS,
    rules: {
      'max-lines': ['error', 400],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
      ],
    },
  },
  {
    // protocol and core run anywhere, and a test must be able to pass them its own clock and randomness.
    files: PURE,
    // clock.ts is the one place where the real clock enters.
    ignores: [...TESTS, '**/core/clock.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['window', 'document', 'navigator', 'location', 'process', 'Buffer', 'global', 'globalThis', 'require'],
        ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame', 'performance'],
        ...['WebSocket', 'fetch', 'crypto', 'localStorage', 'console'],
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take randomness as a parameter.' },
        { object: 'Date', property: 'now', message: 'Take the clock as a parameter.' },
      ],
    },
  },
);
