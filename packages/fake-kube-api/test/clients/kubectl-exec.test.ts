import { kubectls } from '@fleetwire/config/kubectl';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemoCluster } from './demo-cluster.ts';
import { createRunner, type Runner } from './kubectl-runner.ts';

let cluster: Awaited<ReturnType<typeof startDemoCluster>>;
beforeAll(async () => {
  cluster = await startDemoCluster();
});
afterAll(() => cluster.stop());

describe.concurrent.each(kubectls)('$name exec', (kubectl) => {
  let k: Runner;
  beforeAll(() => {
    k = createRunner(kubectl, cluster.url);
  });
  afterAll(() => k.dispose());
  const [, minor = 0] = kubectl.version.split('.').map(Number);
  const speaksWebSockets = minor >= 31;

  if (!speaksWebSockets) {
    test('over SPDY is refused, and told what is expected', async () => {
      const refused = await k.attempt('exec deployment/cart -n shop -- echo hi');
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(
        'exec is spoken over WebSockets here (kubectl 1.31 and later), not over SPDY/3.1',
      );
    });
    return;
  }
  test('runs a command and ends as it does', async () => {
    expect(await k.run('exec deployment/cart -n shop -- echo hi')).toBe('hi\n');
    const failed = await k.attempt("exec deployment/cart -n shop -- sh -c 'ls /app; nope; exit 3'");
    expect(failed).toMatchObject({ code: 3, stdout: 'README\nconfig.yaml\n' });
    expect(failed.stderr).toContain('sh: nope: not found\n');
    expect(failed.stderr).toContain('command terminated with exit code 3');
  });

  test('passes input on, to its end', async () => {
    expect(await k.run('exec -i deployment/cart -n shop -- cat', { input: 'one\ntwo' })).toBe('one\ntwo');
    const shell = await k.attempt('exec -i postgres-0 -n data -- bash', { input: 'pwd\necho $HOSTNAME\nexit 4' });
    expect(shell).toMatchObject({ code: 4, stdout: '/\npostgres-0\n' });
  });

  test('says why there is nothing to run', async () => {
    const noProgram = await k.attempt('exec deployment/cart -n shop -- bash');
    expect(noProgram.stderr).toContain('exec: "bash": executable file not found in $PATH');
    const notRunning = await k.attempt('exec deployment/reports -n payments -- sh');
    expect(notRunning.stderr).toContain('container not found ("reports")');
    expect([noProgram.code, notRunning.code]).toEqual([1, 1]);
    expect((await k.attempt('exec deployment/cart -n shop -c other -- sh')).stderr).toContain(
      'container other is not valid for pod cart-',
    );
  });
});
