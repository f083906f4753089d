import { defineConfig } from 'vitest/config';

/** Against the cluster of the present context of `KUBECONFIG`; no part of the usual tests. */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.cluster.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
