import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Exec, type V1Status } from '@kubernetes/client-node';
import { expect, onTestFinished, test } from 'vitest';
import { configFor } from './client-config.ts';
import { startDemoCluster } from './demo-cluster.ts';

test('a command of the JavaScript client reads its input, writes its output and tells its exit code', async () => {
  const cluster = await startDemoCluster();
  onTestFinished(() => cluster.stop());
  const stdin = new PassThrough();
  const stdout = new PassThrough().setEncoding('utf8');
  const exec = new Exec(configFor(cluster.url));
  const ended = new Promise<V1Status>((resolve, reject) => {
    const command = ['sh', '-c', 'cat && exit 3'];
    const opened = exec.exec('data', 'postgres-0', 'postgres', command, stdout, null, stdin, false, resolve);
    opened.catch(reject);
  });
  stdin.write('a line\n');
  expect(await once(stdout, 'data')).toEqual(['a line\n']);
  stdin.end();
  expect(await ended).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: '3' }] } });
});
