import { describe, expect, it } from 'vitest';
import { parseResourcePath, resourcePath, type ResourcePath } from './resource-path.ts';

describe('paths of resources', () => {
  it.each<[string, ResourcePath]>([
    ['/api/v1/pods', { version: 'v1', resource: 'pods' }],
    ['/api/v1/namespaces/shop/pods', { version: 'v1', namespace: 'shop', resource: 'pods' }],
    ['/api/v1/namespaces/shop/pods/web-1', { version: 'v1', namespace: 'shop', resource: 'pods', name: 'web-1' }],
    [
      '/api/v1/namespaces/shop/pods/web-1/log',
      { version: 'v1', namespace: 'shop', resource: 'pods', name: 'web-1', subresource: 'log' },
    ],
    ['/apis/apps/v1/deployments', { group: 'apps', version: 'v1', resource: 'deployments' }],
    ['/api/v1/namespaces', { version: 'v1', resource: 'namespaces' }],
    ['/api/v1/namespaces/shop', { version: 'v1', resource: 'namespaces', name: 'shop' }],
    ['/api/v1/namespaces/shop/status', { version: 'v1', resource: 'namespaces', name: 'shop', subresource: 'status' }],
  ])('reads %s, and writes it the same', (path, parsed) => {
    expect(parseResourcePath(path)).toEqual(parsed);
    expect(resourcePath(parsed)).toBe(path);
  });

  it('keeps what follows a proxy subresource apart', () => {
    expect(parseResourcePath('/api/v1/namespaces/shop/services/web/proxy/a/b')).toEqual({
      version: 'v1',
      namespace: 'shop',
      resource: 'services',
      name: 'web',
      subresource: 'proxy',
      rest: 'a/b',
    });
  });

  it.each([
    '/version',
    '/api',
    '/api/v1',
    '/apis/apps',
    '/apis/apps/v1',
    '/API/v1/pods',
    'api/v1/pods',
    '/api/v1/pods/',
    '/api/v1//pods',
    '/api/v1/../v1/secrets',
    '/api/v1/%2e%2e/secrets',
    '/api/v1/namespaces/a%2fb/pods',
    '/api/v1/namespaces/a%5Cb/pods',
    '/api/v1/namespaces/%252e/pods',
    '/api/v1/pods/%',
    '/api/v1/pods/a%00b',
  ])('takes %s for no resource', (path) => {
    expect(parseResourcePath(path)).toBeUndefined();
  });

  it('encodes each segment', () => {
    expect(resourcePath({ version: 'v1', resource: 'pods', namespace: 'a b', name: 'x:y' })).toBe(
      '/api/v1/namespaces/a%20b/pods/x%3Ay',
    );
  });
});
