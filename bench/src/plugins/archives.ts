import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** What a plugin that is installed consists of. */
export interface PluginShape {
  readonly id: string;
  readonly title: string;
  /** Beside package.json. */
  readonly files: number;
  readonly bytesEach: number;
  /** Of each file, the part from 0 to 1 that does not compress; the rest is text. */
  readonly noise: number;
}

/** Packs a plugin of this shape as the archive `path`. */
export async function packShape(shape: PluginShape, path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-bench-plugin-'));
  try {
    const manifest = { name: 'bench', version: '1.0.0', fleetwire: { entry: 'dist/0/0.js' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    const next = createNumbers();
    for (let index = 0; index < shape.files; index += 1) {
      const file = join(folder, 'dist', String(Math.floor(index / 100)), `${String(index)}.js`);
      if (index % 100 === 0) await mkdir(dirname(file), { recursive: true });
      await writeFile(file, contentOf(shape, next));
    }
    // `fleetwire-plugin pack` compresses as well as it can, which takes a minute for 250 MiB.
    await promisify(execFile)('tar', ['--use-compress-program=gzip -5', '-cf', path, basename(folder)], {
      cwd: dirname(folder),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const words = 'const return function import export object.value this.state await index length => { } ( ) ; = + 0'.split(
  ' ',
);

function contentOf({ bytesEach, noise }: PluginShape, next: () => number): Buffer {
  const content = Buffer.alloc(bytesEach);
  const textBytes = Math.floor(bytesEach * (1 - noise));
  let at = 0;
  while (at < textBytes) at += content.write(`${words[next() % words.length] ?? ''} `, at);
  for (; at + 4 <= bytesEach; at += 4) content.writeUInt32LE(next(), at);
  return content;
}

/** Xorshift32 (Marsaglia 2003). */
function createNumbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
