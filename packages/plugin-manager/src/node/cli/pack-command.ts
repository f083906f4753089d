import { resolve } from 'node:path';
import { progressIntervalMs } from '../../core/operation-progress.ts';
import { packPlugin } from '../pack.ts';
import { shownPath } from './command-parts.ts';
import type { Command } from './command.ts';
import { sizeText } from './progress-line.ts';

/** `pack`: writes the archive of a plugin and its checksum. */
export const packCommand: Command = {
  name: 'pack',
  summary: 'Packs a plugin as <name>-<version>.tar.gz, the same bytes for the same files, with its SHA-256 beside it.',
  operands: [
    { name: 'folder', isRequired: false, what: 'folder of the plugin, with its package.json; default: this one' },
  ],
  options: [{ name: 'destination', value: 'a folder', what: 'folder for the archive; default: this one' }],
  run: async ({ operands: [folder = '.'], option, workingFolder, signal, onProgress }) => {
    const startedAtMs = performance.now();
    let toldAtMs = -Infinity;
    const { path, ...packed } = await packPlugin(resolve(workingFolder, folder), {
      destination: resolve(workingFolder, option('destination') ?? '.'),
      signal,
      onProgress: ({ done, total }) => {
        const nowMs = performance.now();
        if (nowMs - toldAtMs < progressIntervalMs) return;
        toldAtMs = nowMs;
        const fraction = done / total;
        const rate = (done / Math.max(1, nowMs - startedAtMs)) * 1_000;
        onProgress({ type: 'bytes', done, total, fraction, rate, percentage: fraction * 100 });
      },
    });
    for (const message of packed.warnings) onProgress({ type: 'warning', message, percentage: 100 });
    const shown = shownPath(workingFolder, path);
    return {
      value: { path, ...packed },
      text: `${shown}  ${sizeText(packed.bytes)}, ${String(packed.files)} files\n${packed.checksum}`,
    };
  },
};
