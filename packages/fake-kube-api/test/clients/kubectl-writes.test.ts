import { kubectls } from '@fleetwire/config/kubectl';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemoCluster } from './demo-cluster.ts';
import { createRunner, type Runner } from './kubectl-runner.ts';
import { configMapYaml, deploymentYaml } from './manifests.ts';

let cluster: Awaited<ReturnType<typeof startDemoCluster>>;
beforeAll(async () => {
  cluster = await startDemoCluster();
});
afterAll(() => cluster.stop());

describe.concurrent.each(kubectls)('$name writes', (kubectl) => {
  const namespace = `team-${kubectl.version.replaceAll('.', '-')}`;
  let k: Runner;
  beforeAll(async () => {
    k = createRunner(kubectl, cluster.url);
    await k.run(`create namespace ${namespace}`);
  });
  afterAll(() => k.dispose());
  /** What the server has, without one more kubectl to ask for it. */
  const stored = (group: string, resource: string, name: string) =>
    cluster.api.store.get({ group, version: 'v1', resource }, namespace, name);
  const dataOf = (name: string) => stored('', 'configmaps', name)['data'];

  test('apply creates, leaves alone and changes; what is removed from the file goes', async () => {
    const apply = (data: Record<string, string>) =>
      k.run('apply -f -', { input: configMapYaml(namespace, 'settings', data) });
    expect(await apply({ a: '1', b: '2' })).toBe('configmap/settings created\n');
    expect(await apply({ a: '1', b: '2' })).toBe('configmap/settings unchanged\n');
    await k.run(`patch configmap settings -n ${namespace} --type merge -p '{"data":{"other":"kept"}}'`);
    expect(await apply({ a: '3' })).toBe('configmap/settings configured\n');
    expect(dataOf('settings')).toEqual({ a: '3', other: 'kept' });
  });

  test('apply validates against the schema and says what is wrong', async () => {
    const broken = deploymentYaml(namespace, 'broken').replace('replicas: 1', 'replicas: many');
    const failed = await k.attempt('apply -f -', { input: broken });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/replicas/);
    const misspelt = deploymentYaml(namespace, 'broken').replace('containerPort', 'containerPrt');
    expect((await k.attempt('apply -f -', { input: misspelt })).stderr).toMatch(/containerPrt|containerPort/);
  });

  test('apply on the server takes over fields, and refuses those of others', async () => {
    const apply = (manager: string, value: string, force = '') => {
      const args = `apply --server-side --field-manager ${manager} ${force} -f -`;
      return k.attempt(args, { input: configMapYaml(namespace, 'shared', { key: value }) });
    };
    expect((await apply('first', '1')).stdout).toBe('configmap/shared serverside-applied\n');
    const refused = await apply('second', '2');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Apply failed with 1 conflict: conflict with "first":? ?\.?.*data\.key/s);
    expect((await apply('second', '2', '--force-conflicts')).code).toBe(0);
    expect(dataOf('shared')).toEqual({ key: '2' });
  });

  test('a dry run on the server changes nothing', async () => {
    const input = configMapYaml(namespace, 'dry', { key: 'value' });
    expect(await k.run('apply --dry-run=server -f -', { input })).toContain('created (server dry run)');
    expect(() => stored('', 'configmaps', 'dry')).toThrow('not found');
  });

  test('create makes objects of many kinds, once', async () => {
    const create = (what: string) => k.run(`create ${what} -n ${namespace}`);
    expect(await create('configmap made --from-literal a=b')).toBe('configmap/made created\n');
    expect(await create('secret generic made --from-literal password=hidden')).toBe('secret/made created\n');
    expect(await create('serviceaccount made')).toBe('serviceaccount/made created\n');
    expect(await create('deployment made --image nginx:1.29.0')).toBe('deployment.apps/made created\n');
    expect(await k.run(`create job made -n ${namespace} --image busybox:1 -- true`)).toBe('job.batch/made created\n');
    expect(await create('service clusterip made --tcp 80:8080')).toBe('service/made created\n');
    expect(await create('role made --verb get --resource pods')).toContain('/made created');
    const again = await k.attempt(`create configmap made -n ${namespace}`);
    expect(again.stderr).toMatch(/configmaps "made" already exists\n$/);
    expect(stored('', 'secrets', 'made')['data']).toEqual({ password: 'aGlkZGVu' });
  });

  test('autoscale makes an autoscaler, in whichever version', async () => {
    await k.run(`create deployment scaled --image=nginx -n ${namespace}`);
    await k.run(`autoscale deployment scaled --min=2 --max=5 --cpu-percent=70 -n ${namespace}`);
    const described = await k.run(`describe hpa scaled -n ${namespace}`);
    expect(described).toMatch(/^Reference: +Deployment\/scaled$/m);
    expect(described).toMatch(/ 70%$/m);
  });

  test('edit writes back what the editor saved', async () => {
    await k.run(`create configmap edited -n ${namespace} --from-literal colour=red`);
    const editor = k.file('editor.sh', '#!/bin/sh\nsed -i s/red/green/ "$1"\n');
    const output = await k.run(`edit configmap edited -n ${namespace}`, { env: { KUBE_EDITOR: editor } });
    expect(output).toContain('configmap/edited edited');
    expect(dataOf('edited')).toEqual({ colour: 'green' });
  });

  test('patches of all three types', async () => {
    await k.run('apply -f -', { input: deploymentYaml(namespace, 'patched') });
    const patch = (type: string, body: string) =>
      k.run(`patch deployment patched -n ${namespace} --type ${type} -p '${body}'`);
    // A strategic patch merges containers by their name, where a merge patch would replace the list.
    await patch('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox:1"}]}}}}');
    await patch('merge', '{"metadata":{"labels":{"team":"a"}}}');
    await patch('json', '[{"op":"replace","path":"/spec/replicas","value":2}]');
    expect(stored('apps', 'deployments', 'patched')).toMatchObject({
      metadata: { labels: { team: 'a' } },
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'main' }, { name: 'side' }] } } },
    });
    const refused = await k.attempt(
      `patch deployment patched -n ${namespace} --type json -p '[{"op":"test","path":"/spec/replicas","value":7}]'`,
    );
    expect(refused.code).toBe(1);
  });

  test('labels and annotations come and go, and are not overwritten unasked', async () => {
    await k.run(`create configmap marked -n ${namespace}`);
    await k.run(`label configmap marked -n ${namespace} tier=one`);
    expect((await k.attempt(`label configmap marked -n ${namespace} tier=two`)).code).toBe(1);
    await k.run(`label configmap marked -n ${namespace} --overwrite tier=two`);
    await k.run(`annotate configmap marked -n ${namespace} note='hello'`);
    const { labels, annotations } = stored('', 'configmaps', 'marked').metadata;
    expect({ labels, annotations }).toMatchObject({ labels: { tier: 'two' }, annotations: { note: 'hello' } });
    await k.run(`label configmap marked -n ${namespace} tier-`);
    expect(stored('', 'configmaps', 'marked').metadata.labels).toBeUndefined();
  });

  test('replace refuses an object that has changed since it was read', async () => {
    await k.run(`create configmap raced -n ${namespace} --from-literal n=1`);
    const read = await k.run(`get configmap raced -n ${namespace} -o json`);
    await k.run(`label configmap raced -n ${namespace} moved=yes`);
    const refused = await k.attempt('replace -f -', { input: read });
    expect(refused.stderr).toContain('the object has been modified; please apply your changes to the latest version');
  });

  test('diff shows what apply would change', async () => {
    await k.run('apply -f -', { input: configMapYaml(namespace, 'compared', { key: 'old' }) });
    const diff = await k.attempt('diff -f -', { input: configMapYaml(namespace, 'compared', { key: 'new' }) });
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/-\s+key: old\n\+\s+key: new/);
  });

  test('delete removes objects by name, by label and by file', async () => {
    const labelled = (name: string, batch: string) =>
      configMapYaml(namespace, `gone-${name}`, {}).replace('metadata:', `metadata:\n  labels: {batch: ${batch}}`);
    const input = [labelled('one', 'a'), labelled('two', 'b'), labelled('three', 'b')].join('---\n');
    await k.run('create -f -', { input });
    expect(await k.run(`delete configmap gone-one -n ${namespace}`)).toContain('configmap "gone-one" deleted');
    await k.run('delete -f -', { input: labelled('two', 'b') });
    await k.run(`delete configmaps -l batch=b -n ${namespace}`);
    for (const name of ['gone-one', 'gone-two', 'gone-three']) {
      expect(() => stored('', 'configmaps', name)).toThrow('not found');
    }
    expect(await k.run(`delete configmap gone-one -n ${namespace} --ignore-not-found`)).toBe('');
  });

  test('a custom resource is there as soon as its definition is', async () => {
    const group = `v${kubectl.version.replaceAll('.', '-')}.example.com`;
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget, shortNames: [gd]}
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{name: Colour, type: string, jsonPath: .spec.colour}]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [colour]
              properties: {colour: {type: string}, count: {type: integer}}
`;
    await k.run('apply -f -', { input: definition });
    await k.run(`wait --for condition=Established crd/gadgets.${group} --timeout 10s`);
    const gadget = (colour: string) =>
      `apiVersion: ${group}/v1\nkind: Gadget\nmetadata: {name: lamp, namespace: ${namespace}}\nspec: {${colour}}\n`;
    expect(await k.run('apply -f -', { input: gadget('colour: red') })).toContain('/lamp created');
    expect(await k.run(`get gadgets.${group} -n ${namespace}`)).toMatch(/^NAME +COLOUR.*\nlamp +red/);
    const wrong = await k.attempt('apply --validate=false -f -', { input: gadget('count: 1').replace('lamp', 'bulb') });
    expect(wrong.stderr).toContain('spec.colour');
    await k.run(`delete crd gadgets.${group}`);
    expect((await k.attempt(`get gadgets.${group} -n ${namespace}`)).code).toBe(1);
  });
});
