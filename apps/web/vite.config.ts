import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  // What counts is the budget of the first load, compressed, which a test holds.
  build: { chunkSizeWarningLimit: 1000 },
  server: {
    // The server compares the page's origin with the host that was asked, so that host must stay.
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/ws': { target: server, changeOrigin: false, ws: true },
    },
  },
});
