import { defineConfig } from 'vite';

/** What the dashboard has itself, and gives to its plugins: there must be one of each in a page. */
const shared = [
  'react',
  'react-dom',
  'react/jsx-runtime',
  '@fleetwire/plugin-manager/sdk',
  '@fleetwire/kube-watch/react',
];

export default defineConfig({
  build: {
    target: 'es2023',
    // One module without parts: it is the one whose bytes the server and the page compare.
    lib: { entry: 'src/plugin.tsx', formats: ['es'], fileName: () => 'plugin.js' },
    rolldownOptions: { external: shared, output: { codeSplitting: false } },
  },
});
