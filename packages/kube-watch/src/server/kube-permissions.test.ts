import { describe, expect, it } from 'vitest';
import { isWithin, permissionFor, type KubeRequest } from './kube-permissions.ts';

const needs = (method: string, path: string, more: Partial<KubeRequest> = {}): string =>
  permissionFor({ method, path, ...more })?.permissions.join(' + ') ?? 'refused';

describe('the table of permissions', () => {
  it.each([
    ['GET', '/api/v1/pods', 'kube.read'],
    ['HEAD', '/api/v1/namespaces/a/pods', 'kube.read'],
    ['GET', '/api/v1/namespaces/a/pods/web', 'kube.read'],
    ['GET', '/api/v1/namespaces/a/pods/web/log', 'kube.read'],
    ['GET', '/api/v1/namespaces/a/pods/web/status', 'kube.read'],
    ['GET', '/apis/apps/v1/namespaces/a/deployments/web/scale', 'kube.read'],
    ['GET', '/apis/example.com/v1alpha1/widgets', 'kube.read'],
    ['POST', '/api/v1/namespaces/a/pods', 'kube.write'],
    ['PUT', '/api/v1/namespaces/a/pods/web', 'kube.write'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/web', 'kube.write'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/web/scale', 'kube.write'],
    ['PUT', '/apis/apps/v1/namespaces/a/deployments/web/status', 'kube.write'],
    ['PUT', '/api/v1/namespaces/a/pods/web/status', 'refused'],
    ['PATCH', '/api/v1/namespaces/a/pods/web/status', 'refused'],
    ['PATCH', '/api/v1/nodes/one/status', 'refused'],
    ['PUT', '/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval', 'kube.secrets + kube.write'],
    ['GET', '/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval', 'kube.read'],
    ['DELETE', '/api/v1/namespaces/a/pods/web', 'kube.write'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'kube.write'],
    ['POST', '/api/v1/namespaces/a/pods/web/eviction', 'kube.write'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'kube.write'],
    ['GET', '/api/v1/secrets', 'kube.secrets'],
    ['GET', '/api/v1/namespaces/a/secrets', 'kube.secrets'],
    ['GET', '/api/v1/namespaces/a/secrets/token', 'kube.secrets'],
    ['POST', '/api/v1/namespaces/a/secrets', 'kube.secrets + kube.write'],
    ['PUT', '/api/v1/namespaces/a/secrets/token', 'kube.secrets + kube.write'],
    ['PATCH', '/api/v1/namespaces/a/secrets/token', 'kube.secrets + kube.write'],
    ['DELETE', '/api/v1/namespaces/a/secrets/token', 'kube.secrets + kube.write'],
    ['DELETE', '/api/v1/namespaces/a/secrets', 'kube.secrets + kube.write'],
    ['PATCH', '/api/v1/namespaces/a/secrets/token/status', 'kube.secrets + kube.write'],
    ['GET', '/api/v1/namespaces/a/secrets/token/status', 'kube.secrets'],
    ['POST', '/api/v1/namespaces/a/serviceaccounts/default/token', 'kube.secrets + kube.write'],
    ['GET', '/api/v1/namespaces/a/pods/web/exec', 'kube.exec'],
    ['POST', '/api/v1/namespaces/a/pods/web/exec', 'kube.exec'],
    ['GET', '/api/v1/namespaces/a/pods/web/attach', 'kube.exec'],
    ['POST', '/api/v1/namespaces/a/pods/web/portforward', 'kube.exec'],
    ['GET', '/api/v1/namespaces/a/services/web/proxy', 'kube.exec'],
    ['GET', '/api/v1/namespaces/a/services/web/proxy/', 'kube.exec'],
    ['DELETE', '/api/v1/namespaces/a/services/https:web:8443/proxy/a/b', 'kube.exec'],
    ['GET', '/api/v1/nodes/n1/proxy/logs/', 'kube.exec'],
    ['PATCH', '/api/v1/namespaces/a/pods/web/ephemeralcontainers', 'kube.write + kube.exec'],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'kube.read'],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', 'kube.read'],
    ['POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', 'kube.read'],
    ['POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', 'kube.write'],
    ['POST', '/apis/authentication.k8s.io/v1/tokenreviews', 'kube.write'],
    ['GET', '/api', 'kube.read'],
    ['GET', '/api/v1', 'kube.read'],
    ['GET', '/apis', 'kube.read'],
    ['GET', '/apis/apps', 'kube.read'],
    ['GET', '/apis/apps/v1', 'kube.read'],
    ['GET', '/version', 'kube.read'],
    ['GET', '/openapi/v2', 'kube.read'],
    ['GET', '/openapi/v3', 'kube.read'],
    ['GET', '/openapi/v3/apis/apps/v1', 'kube.read'],
    ['GET', '/healthz', 'kube.read'],
    ['GET', '/livez/ping', 'kube.read'],
    ['GET', '/readyz', 'kube.read'],
  ])('[P2] %s %s needs %s', (method, path, permissions) => {
    expect(needs(method, path)).toBe(permissions);
  });

  it.each([
    ['POST', '/version'],
    ['DELETE', '/apis'],
    ['OPTIONS', '/api/v1/pods'],
    ['TRACE', '/api/v1/pods'],
    ['CONNECT', '/api/v1/pods'],
    ['BREW', '/api/v1/pods'],
    ['PUT', '/api/v1/namespaces/a/pods'],
    ['PATCH', '/api/v1/namespaces/a/pods'],
    ['POST', '/api/v1/namespaces/a/pods/web'],
    ['POST', '/api/v1/namespaces/a/selfsubjectaccessreviews/x'],
    ['GET', '/'],
    ['GET', '/metrics'],
    ['GET', '/logs'],
    ['GET', '/debug/pprof'],
    ['GET', '/api/v1/watch/secrets'],
    ['GET', '/api/v1/watch/namespaces/a/secrets'],
    ['GET', '/api/v1/proxy/nodes/n1'],
    ['GET', '/api/v1/redirect/nodes/n1'],
    ['GET', '/api/v1/Secrets'],
    ['GET', '/api/v1/namespaces/a/SECRETS/token'],
    ['GET', '/api/v1/namespaces/a/pods/web/EXEC'],
    ['GET', '/api/v1//secrets'],
    ['GET', '//api/v1/secrets'],
    ['GET', '/api/v1/pods/../secrets'],
    ['GET', '/api/v1/pods/%2e%2e/secrets'],
    ['GET', '/api/v1/pods/%2E./secrets'],
    ['GET', '/api/v1/pods/..%2fsecrets'],
    ['GET', '/api/v1/pods%2f..%2fsecrets'],
    ['GET', '/api/v1/namespaces/a%2fsecrets'],
    ['GET', '/api/v1/pods/%252e%252e/secrets'],
    ['GET', '/api/v1/pods\\..\\secrets'],
    ['GET', '/api/v1/pods%5c..%5csecrets'],
    ['GET', '/api/v1/pods/'],
    ['GET', '/api/v1/./secrets'],
    ['GET', '/api/v1/pods/%00'],
    ['GET', '/api/v1/pods/%zz'],
    ['GET', '/api/v1/pods#/secrets'],
    ['GET', '/api/v1/pods?x'],
    ['GET', '/api/v1/pods secrets'],
    ['GET', '/api/v1/pöds'],
    ['GET', '/apis//v1/secrets'],
    ['GET', '/openapi/v3/../../api/v1/secrets'],
    ['GET', '/healthz/../api/v1/secrets'],
    ['GET', '/api/v1/namespaces/a/pods/web/log/more'],
    ['GET', '/api/v1/namespaces/a/pods/web/unheardof'],
    ['POST', '/api/v1/namespaces/a/pods/web/log'],
    ['GET', '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/vm/console'],
    ['GET', 'http://elsewhere/api/v1/pods'],
    ['GET', ''],
  ])('[P2] %s %s is refused, for the table does not know it', (method, path) => {
    expect(needs(method, path)).toBe('refused');
  });

  it('[P2] takes no longer for paths that are made to be slow', () => {
    const startedAtMs = performance.now();
    for (const root of ['/openapi/v3/', '/healthz/', '/apis/', '/api/v1/namespaces/']) {
      for (const part of ['a', 'a/', 'a.', '/', '%2e', 'a-']) needs('GET', `${root}${part.repeat(10_000)}!`);
    }
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  it('[P2] an encoded spelling of a resource needs what the resource needs', () => {
    expect(needs('GET', '/api/v1/%73ecrets')).toBe('kube.secrets');
    expect(needs('GET', '/api/v1/namespaces/a/pods/web/%65xec')).toBe('kube.exec');
    expect(needs('POST', '/api/v1/namespaces/a/pods/web/%65xec')).toBe('kube.exec');
  });

  it('[P2] leaving HTTP is for watches, logs and ways into a pod alone', () => {
    const upgrade = { isUpgrade: true };
    expect(needs('GET', '/api/v1/pods', { ...upgrade, query: 'watch=1' })).toBe('kube.read');
    expect(needs('GET', '/api/v1/secrets', { ...upgrade, query: 'watch=1' })).toBe('kube.secrets');
    expect(needs('GET', '/api/v1/namespaces/a/pods/web/log', upgrade)).toBe('kube.read');
    expect(needs('GET', '/api/v1/namespaces/a/pods/web/exec', upgrade)).toBe('kube.exec');
    expect(needs('GET', '/api/v1/pods', upgrade)).toBe('refused');
    expect(needs('GET', '/api/v1/pods', { ...upgrade, query: 'watch=false' })).toBe('refused');
    expect(needs('GET', '/version', upgrade)).toBe('refused');
    expect(needs('POST', '/api/v1/pods', { ...upgrade, query: 'watch=1' })).toBe('refused');
    expect(needs('PUT', '/api/v1/namespaces/a/pods/web/status', upgrade)).toBe('refused');
  });

  it('[P6] knows what is outside of a namespace', () => {
    const within = (method: string, path: string): boolean => {
      const action = permissionFor({ method, path });
      if (action === undefined) throw new Error(`refused: ${path}`);
      return isWithin(action, 'a');
    };
    expect(within('GET', '/api/v1/namespaces/a/pods')).toBe(true);
    expect(within('POST', '/apis/apps/v1/namespaces/a/deployments')).toBe(true);
    expect(within('GET', '/api/v1/namespaces/a/services/web/proxy/x')).toBe(true);
    expect(within('GET', '/api/v1/namespaces/a')).toBe(true);
    expect(within('GET', '/version')).toBe(true);
    expect(within('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')).toBe(true);

    expect(within('GET', '/api/v1/pods')).toBe(false);
    expect(within('GET', '/api/v1/namespaces')).toBe(false);
    expect(within('GET', '/api/v1/namespaces/b')).toBe(false);
    expect(within('DELETE', '/api/v1/namespaces/a')).toBe(false);
    expect(within('PUT', '/api/v1/namespaces/a/finalize')).toBe(false);
    expect(within('GET', '/api/v1/namespaces/b/pods')).toBe(false);
    expect(within('GET', '/api/v1/nodes')).toBe(false);
    expect(within('GET', '/apis/example.com/v1/namespaces/a')).toBe(false);
    expect(within('DELETE', '/api/v1/persistentvolumes')).toBe(false);
    expect(within('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews')).toBe(false);
  });
});
