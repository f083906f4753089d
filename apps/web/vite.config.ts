import react from '@vitejs/plugin-react';
import process from 'node:process';
import { defineConfig } from 'vite';
import { markdownInWorkers } from './vite/markdown-in-workers.ts';
import { sharedModules } from './vite/shared-modules.ts';

// Where `pnpm dev` runs the server: an empty variable is none, as the server takes it.
const server = `http://127.0.0.1:${process.env['FLEETWIRE_PORT'] || '8080'}`;

export default defineConfig({
  plugins: [react(), sharedModules()],
  worker: { plugins: () => [markdownInWorkers()] },
  optimizeDeps: { rolldownOptions: { plugins: [markdownInWorkers()] } },
  // The server puts another nonce into each answer.
  html: { cspNonce: '__CSP_NONCE__' },
  // What counts is the budget of the first load, compressed, which a test holds.
  build: { chunkSizeWarningLimit: 1000 },
  server: {
    // The server compares the page's origin with the host that was asked, so that host must stay.
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/ws': { target: server, changeOrigin: false, ws: true },
      // Files of plugins; `/plugins` and one part more are views.
      '^/plugins/[^/?]+/[^/?]+/': { target: server, changeOrigin: false },
      // The clusters' APIs; `/clusters/list` and what has a resource type with `~` are views.
      '^/clusters/[^/?]+/(?![^/?]*~)': { target: server, changeOrigin: false, ws: true },
    },
  },
});
