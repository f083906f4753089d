import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPluginWorld, type PluginWorld } from '../src/testing/plugin-world.ts';

// Who is told and who may do what, beyond the permission itself.

let world: PluginWorld;
beforeAll(async () => {
  world = await startPluginWorld();
  world.publish('x', '1.0.0');
  await world.install('x');
});
afterAll(() => world.dispose());

describe('a personal token', () => {
  const path = 'plugins/hub~tests~x';
  let token: string;
  beforeAll(async () => {
    const { body } = await world.call('POST', 'tokens', { name: 'of a script' });
    ({ token } = body as { readonly token: string });
  });

  it.each<['POST', string, object?]>([
    ['POST', 'plugins', { id: 'hub:tests/x' }],
    ['POST', `${path}/update`, {}],
    ['POST', `${path}/rollback`],
    ['POST', `${path}/repair`],
    ['POST', `${path}/enable`],
    ['POST', 'plugin-updates'],
  ])('cannot make other code run: %s %s', async (method, route, body) => {
    expect(await world.call(method, route, body, { token })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('sign in') as string },
    });
  });

  it('may read, verify, pin, disable and remove', async () => {
    expect((await world.call('GET', 'plugins', undefined, { token })).status).toBe(200);
    expect((await world.call('GET', 'plugin-catalog/search', undefined, { token })).status).toBe(200);
    for (const action of ['verify', 'pin', 'disable'])
      expect([action, (await world.call('POST', `${path}/${action}`, undefined, { token })).status]).toEqual([
        action,
        200,
      ]);
    const removal = await world.call('DELETE', path, undefined, { token });
    expect(removal.status).toBe(202);
    await world.ended((removal.body as { readonly operationId: string }).operationId);
    await world.install('x');
  });
});
