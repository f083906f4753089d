import { kubectls } from '@fleetwire/config/kubectl';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startDemoCluster } from './demo-cluster.ts';
import { createRunner, type Runner } from './kubectl-runner.ts';
import { deploymentYaml } from './manifests.ts';

// Dozens of processes: a test that takes 3 s alone takes many more beside the others. Most of it is waiting for pods.
vi.setConfig({ maxConcurrency: 12 });

let cluster: Awaited<ReturnType<typeof startDemoCluster>>;
/** Where nodes are drained, which takes the pods of others with it; workers enough that each kubectl can drain one. */
let drained: Awaited<ReturnType<typeof startDemoCluster>>;
beforeAll(async () => {
  cluster = await startDemoCluster({ namespaces: ['shop'] });
  drained = await startDemoCluster({ nodes: 5, namespaces: ['shop'] });
});
afterAll(() => Promise.all([cluster.stop(), drained.stop()]));

describe.concurrent.each(kubectls)('$name works with workloads', (kubectl) => {
  const namespace = `team-${kubectl.version.replaceAll('.', '-')}`;
  const worker = `worker-${1 + kubectls.indexOf(kubectl)}`;
  let k: Runner;
  beforeAll(async () => {
    k = createRunner(kubectl, cluster.url);
    await k.run(`create namespace ${namespace}`);
  });
  afterAll(() => k.dispose());
  /** Names of pods of a label, without one more kubectl to ask for them. */
  const podNames = (labelSelector: string) =>
    cluster.api.store
      .list({ group: '', version: 'v1', resource: 'pods' }, { namespace, labelSelector })
      .items.map(({ metadata }) => metadata.name);

  test('a rollout has a status, a history and a way back', async () => {
    await k.run('apply -f -', { input: deploymentYaml(namespace, 'web') });
    const status = `rollout status deployment/web -n ${namespace} --timeout 20s`;
    expect(await k.run(status)).toContain('deployment "web" successfully rolled out');
    await k.run(`set image deployment/web -n ${namespace} main=nginx:1.29.1`);
    await k.run(status);
    expect(await k.run(`rollout history deployment/web -n ${namespace}`)).toMatch(/REVISION +CHANGE-CAUSE\n1 .*\n2 /);
    expect(await k.run(`rollout history deployment/web -n ${namespace} --revision 2`)).toContain('nginx:1.29.1');
    await k.run(`rollout undo deployment/web -n ${namespace}`);
    await k.run(status);
    const described = await k.run(`describe deployment web -n ${namespace}`);
    expect(described).toMatch(/Image: +nginx:1\.29\.0\n/);
    expect(described).toContain('ScalingReplicaSet');
  });

  test('a rollout waits while it is paused, and a restart makes new pods', async () => {
    await k.run('apply -f -', { input: deploymentYaml(namespace, 'held') });
    await k.run(`rollout status deployment/held -n ${namespace} --timeout 20s`);
    const before = podNames('app=held');
    await k.run(`rollout pause deployment/held -n ${namespace}`);
    await k.run(`set image deployment/held -n ${namespace} main=nginx:1.29.1`);
    expect((await k.attempt(`rollout restart deployment/held -n ${namespace}`)).code).toBe(1);
    await k.run(`rollout resume deployment/held -n ${namespace}`);
    await k.run(`rollout status deployment/held -n ${namespace} --timeout 20s`);
    await k.run(`rollout restart deployment/held -n ${namespace}`);
    await k.run(`rollout status deployment/held -n ${namespace} --timeout 20s`);
    expect(before).toHaveLength(1);
    expect(podNames('app=held')).not.toEqual(before);
  });

  test('scale, and wait for what follows', async () => {
    await k.run('apply -f -', { input: deploymentYaml(namespace, 'wide') });
    await k.run(`scale deployment wide -n ${namespace} --replicas 3`);
    await k.run(`wait --for condition=Available deployment/wide -n ${namespace} --timeout 20s`);
    await k.run(`rollout status deployment/wide -n ${namespace} --timeout 20s`);
    expect(await k.run(`get deployment wide -n ${namespace}`)).toMatch(/^wide +3\/3 +3 +3 /m);
    const refused = await k.attempt(`scale deployment wide -n ${namespace} --current-replicas 7 --replicas 1`);
    expect(refused.code).toBe(1);
    await k.run(`wait --for condition=Ready pod -l app=wide -n ${namespace} --timeout 20s`);
  });

  test('a watch shows a pod from its creation to its end', async () => {
    const watch = k.stream(`get pods -n ${namespace} -l run=watched -w`);
    const events = k.stream(`get --raw /api/v1/namespaces/${namespace}/pods?watch=1&labelSelector=run%3Dwatched`);
    await cluster.watched(`/api/v1/namespaces/${namespace}/pods`, 'run=watched');
    await k.run(`run watched -n ${namespace} --image nginx:1.29.0`);
    await watch.line(/^watched +0\/1 +Pending/);
    await watch.line(/^watched +0\/1 +ContainerCreating/);
    await watch.line(/^watched +1\/1 +Running/);
    const deleted = k.run(`delete pod watched -n ${namespace} --wait`);
    await watch.line(/^watched +1\/1 +Terminating/);
    await deleted;
    expect(podNames('run=watched')).toEqual([]);
    expect(JSON.parse(await events.line(/"type":"DELETED"/))).toMatchObject({
      object: { metadata: { name: 'watched' } },
    });
    watch.stop();
    events.stop();
  });

  test('a job runs to its end', async () => {
    await k.run(`create job sum -n ${namespace} --image busybox:1 -- sleep 1`);
    await k.run(`wait --for condition=complete job/sum -n ${namespace} --timeout 20s`);
    expect(await k.run(`get jobs sum -n ${namespace}`)).toMatch(/ 1\/1 /);
    expect(await k.run(`get events -n ${namespace} --field-selector involvedObject.name=sum`)).toMatch(
      / Completed +job/,
    );
  });

  test('a stateful set and a daemon set roll and end', async () => {
    const claims = `  serviceName: db
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
    const stateful = deploymentYaml(namespace, 'db').replace('kind: Deployment', 'kind: StatefulSet') + claims;
    const daemon = deploymentYaml(namespace, 'agent')
      .replace('kind: Deployment', 'kind: DaemonSet')
      .replace('  replicas: 1\n', '');
    await k.run('apply -f -', { input: `${stateful}---\n${daemon}` });
    await Promise.all(
      ['statefulset/db', 'daemonset/agent'].map((name) =>
        k.run(`rollout status ${name} -n ${namespace} --timeout 20s`),
      ),
    );
    expect(await k.run(`get pvc -n ${namespace}`)).toMatch(/^data-db-0 +Bound +pvc-/m);
    await k.run(`set image statefulset/db -n ${namespace} main=nginx:1.29.1`);
    await k.run(`rollout status statefulset/db -n ${namespace} --timeout 20s`);
    expect(await k.run(`rollout history statefulset/db -n ${namespace}`)).toMatch(/\n1 .*\n2 /);
  });

  test('a node is cordoned, drained and taken back', async ({ onTestFinished }) => {
    const d = createRunner(kubectl, drained.url);
    onTestFinished(() => {
      d.dispose();
    });
    expect(await d.run(`cordon ${worker}`)).toBe(`node/${worker} cordoned\n`);
    expect(await d.run(`get node ${worker}`)).toContain('Ready,SchedulingDisabled');
    const flags = '--ignore-daemonsets --delete-emptydir-data --force --timeout 20s';
    expect(await d.run(`drain ${worker} ${flags}`)).toMatch(new RegExp(`node/${worker} (drained|evicted)`));
    const left = await d.run(
      `get pods -A --field-selector spec.nodeName=${worker} -o jsonpath='{.items[*].metadata.ownerReferences[0].kind}'`,
    );
    expect(left.split(' ').filter((kind) => kind !== 'DaemonSet' && kind !== '')).toEqual([]);
    expect(await d.run(`uncordon ${worker}`)).toBe(`node/${worker} uncordoned\n`);
    await d.run(`taint node ${worker} team=a:NoSchedule`);
    await d.run(`taint node ${worker} team-`);
  });

  test('a namespace goes with everything in it', async () => {
    const name = `${namespace}-gone`;
    await k.run(`create namespace ${name}`);
    await k.run('apply -f -', { input: deploymentYaml(name, 'web') });
    await k.run(`rollout status deployment/web -n ${name} --timeout 20s`);
    await k.run(`delete namespace ${name} --timeout 20s`);
    expect((await k.attempt(`get namespace ${name}`)).stderr).toContain('not found');
    expect(cluster.api.store.list({ group: '', version: 'v1', resource: 'pods' }, { namespace: name }).items).toEqual(
      [],
    );
  });
});
