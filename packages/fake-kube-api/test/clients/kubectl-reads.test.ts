import { kubectls } from '@fleetwire/config/kubectl';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemoCluster } from './demo-cluster.ts';
import { createRunner, minorOf, type Runner } from './kubectl-runner.ts';

let cluster: Awaited<ReturnType<typeof startDemoCluster>>;
beforeAll(async () => {
  cluster = await startDemoCluster();
});
afterAll(() => cluster.stop());

describe.concurrent.each(kubectls)('$name reads', (kubectl) => {
  let k: Runner;
  beforeAll(() => {
    k = createRunner(kubectl, cluster.url);
  });
  afterAll(() => k.dispose());

  test('pods, in the columns that the server prints', async () => {
    const table = await k.run('get pods -n shop');
    expect(table).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE\n/);
    expect(table).toMatch(/^storefront-\w+-\w{5} +1\/1 +Running +0 +\d+[hm]\w*$/m);
    expect(await k.run('get pods -n payments')).toMatch(/^reports-\S+ +0\/1 +(ErrImagePull|ImagePullBackOff) /m);
  });

  test('more columns with -o wide, and what a selector picks', async () => {
    const wide = await k.run('get pods -n shop -o wide -l app.kubernetes.io/name=cart');
    expect(wide).toMatch(/^NAME .* IP +NODE +NOMINATED NODE +READINESS GATES\n/);
    expect(wide.trim().split('\n')).toHaveLength(4);
    expect(wide).toMatch(/ 10\.244\.\d+\.\d+ +worker-\d /);
    const nodes = await k.run('get nodes -o wide');
    expect(nodes).toMatch(/^control-plane-1 +Ready +control-plane .* containerd:\/\//m);
    const pending = await k.run('get pods -n payments --field-selector status.phase=Pending -o name');
    expect(pending).toMatch(/^pod\/reports-\S+$/m);
    expect(pending).not.toContain('ledger');
  });

  test('several resources at once, and their counts', async () => {
    const kinds = 'deployments,statefulsets,daemonsets,cronjobs,services,ingresses,pvc';
    expect(await k.run(`get ${kinds} -A`)).toMatch(
      /deployment\.apps\/cart +3\/3 +3 +3 [\s\S]*statefulset\.apps\/postgres +2\/2 [\s\S]*daemonset\.apps\/node-exporter +4 +4 +4 +4 +4 [\s\S]*cronjob\.batch\/stock-import [\s\S]*service\/cart [\s\S]*ingress\S*\/storefront [\s\S]*persistentvolumeclaim\/data-postgres-0 +Bound/,
    );
    expect(await k.run('get all -n shop')).toContain('replicaset.apps/cart-');
  });

  test('YAML and JSON of one object', async () => {
    const yaml = await k.run('get deployment cart -n shop -o yaml');
    expect(yaml).toMatch(/^apiVersion: apps\/v1\nkind: Deployment\nmetadata:\n/);
    expect(yaml).toContain('image: registry.example/shop/cart:1.9.3');
    const json = JSON.parse(await k.run('get node worker-1 -o json')) as { readonly kind: string };
    expect(json.kind).toBe('Node');
    expect(await k.run("get pods -n shop -o jsonpath='{.items[*].kind}'")).toContain('Pod Pod');
    expect(await k.run('get deployments -n shop --sort-by .metadata.name -o custom-columns=N:.metadata.name')).toMatch(
      /^N\ncart\ncatalog\ncheckout\n/,
    );
  });

  test('an object that is not there is said so', async () => {
    const missing = await k.attempt('get pod nothing -n shop');
    expect(missing).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): pods "nothing" not found\n' });
    const unknown = await k.attempt('get flurbs');
    expect(unknown.stderr).toContain('the server doesn\'t have a resource type "flurbs"');
  });

  test('a description of a pod, a deployment and a node, with events', async () => {
    const pods = await k.run('get pods -n payments -o name');
    const reports = /pod\/(reports-\S+)/.exec(pods)?.[1];
    const pod = await k.run(`describe pod ${reports} -n payments`);
    expect(pod).toMatch(/^Name: +reports-/);
    expect(pod).toMatch(/State: +Waiting\n +Reason: +(ErrImagePull|ImagePullBackOff)/);
    expect(pod).toMatch(/Controlled By: +ReplicaSet\/reports-/);
    expect(await k.run('describe deployment cart -n shop')).toMatch(
      /NewReplicaSet: +cart-\w+ \(3\/3 replicas created\)/,
    );
    const node = await k.run('describe node worker-1');
    expect(node).toMatch(/Ready +True .* KubeletReady +kubelet is posting ready status/);
    expect(node).toMatch(/Non-terminated Pods: +\(\d+ in total\)/);
    expect(await k.run('describe service cart -n shop')).toMatch(/Endpoints: +10\.244\.\d+\.\d+:8080,/);
  });

  test('logs, and more of them as they come', async () => {
    const name = (await k.run('get pods -n data -o name')).split('\n').find((line) => line.includes('postgres-0'));
    expect(await k.run(`logs ${name} -n data --tail 1`)).not.toBe('');
    expect(await k.run('logs deployment/cart -n shop')).toContain('"msg":"starting"');
    expect(await k.run('logs deployment/cart -n shop --timestamps --tail 1')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z \{/);
    expect((await k.run('logs -l app.kubernetes.io/name=cart -n shop --tail 1')).trim().split('\n')).toHaveLength(3);
    const stream = k.stream('logs -f deployment/storefront -n shop --tail 0');
    await stream.line(/ HTTP\/1\.1" \d{3} /);
    stream.stop();
  });

  test('what the server has: resources, versions, explanations', async () => {
    const resources = await k.run('api-resources');
    expect(resources).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
    expect(resources).toMatch(/^customresourcedefinitions +crds?,crds? .*CustomResourceDefinition$/m);
    expect((await k.run('api-versions')).split('\n')).toEqual(expect.arrayContaining(['apps/v1', 'batch/v1', 'v1']));
    const explained = await k.run('explain deployment.spec.replicas');
    expect(explained).toMatch(/KIND: +Deployment\n/);
    expect(explained).toMatch(/FIELD: +replicas <integer>/);
    expect(await k.run('explain pods --recursive')).toContain('nodeName');
    expect(await k.run('version -o json')).toContain('serverVersion');
    expect(await k.run('cluster-info')).toContain('is running at');
  });

  test('raw paths', async () => {
    expect(JSON.parse(await k.run('get --raw /version'))).toMatchObject({ major: '1' });
    expect(await k.run('get --raw /healthz')).toBe('ok');
    const list = JSON.parse(await k.run('get --raw /api/v1/namespaces/shop/pods?limit=2')) as { items: object[] };
    expect(list.items).toHaveLength(2);
  });

  test('what the user may do', async () => {
    expect((await k.run('auth can-i create deployments.apps -n shop')).trim()).toBe('yes');
    expect(await k.run('auth can-i --list')).toContain('Resources');
    // From 1.28 on.
    if (minorOf(kubectl) >= 28) expect(await k.run('auth whoami')).toMatch(/^Username +system:admin$/m);
  });

  test('a large list in pages', async () => {
    const names = await k.run('get pods -A --chunk-size 7 -o name');
    expect(names.trim().split('\n')).toHaveLength((await k.run('get pods -A -o name')).trim().split('\n').length);
  });
});
