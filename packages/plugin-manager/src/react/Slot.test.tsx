// @vitest-environment jsdom
import { act, cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { StrictMode, useState, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPluginPage, exporting, idOf, type PluginPage } from '../../test/support/plugin-page.ts';
import type { PluginContext, TargetProps } from '../sdk/index.ts';
import { PluginProvider, Slot, usePlugins } from './index.ts';

// Its own second is less than a busy machine may take.
configure({ asyncUtilTimeout: 30_000 });

let page: PluginPage;
beforeEach(() => {
  page = createPluginPage();
  // React writes what boundaries catch.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  cleanup();
  void page.loader.dispose();
  vi.restoreAllMocks();
});

function show(children: ReactNode) {
  return render(
    <StrictMode>
      <PluginProvider loader={page.loader}>{children}</PluginProvider>
    </StrictMode>,
  );
}

function Statuses() {
  return (
    <output>
      {usePlugins()
        .map(({ title, status }) => `${title} ${status}`)
        .join(', ')}
    </output>
  );
}

const plugin = (name: string, activate: (ctx: PluginContext) => void, more: object = {}) => ({
  name,
  evaluate: exporting({ activate }),
  ...more,
});
const widget = (component: () => ReactNode) => (ctx: PluginContext) =>
  void ctx.register('overviewWidget', { id: 'w', title: 'Widget', component });

function Broken(): never {
  throw new Error('boom');
}

it('a contribution that throws in render is named; the one beside it and the page work', async () => {
  show(
    <>
      <h1>Overview</h1>
      <Slot name="overviewWidget" />
      <Statuses />
    </>,
  );
  await act(() =>
    page.show([
      plugin('bad', widget(Broken)),
      plugin(
        'good',
        widget(() => <p>42 machines</p>),
      ),
    ]),
  );
  expect(await screen.findByText('42 machines')).toBeDefined();
  const alert = `Widget of the plugin ${idOf('bad')} failed. Error: boom Try again`;
  expect(screen.getByRole('alert').textContent).toBe(alert);
  expect(screen.getByText('Overview')).toBeDefined();
  // Once, though StrictMode renders twice.
  expect(page.problems.map(({ code, pluginId }) => [code, pluginId])).toEqual([['E_PLUGIN_CRASHED', idOf('bad')]]);
  expect(screen.getByText('bad active, good active')).toBeDefined();
});

it('while a contribution waits for something, what the page gives for that stands in its place', async () => {
  let come = (): void => undefined;
  let has = false;
  const coming = new Promise<void>((resolve) => {
    come = () => {
      has = true;
      resolve();
    };
  });
  const Waits = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how React is told to wait
    if (!has) throw coming;
    return <p>it came</p>;
  };
  show(<Slot name="overviewWidget" loading={<p>one moment</p>} />);
  await act(() => page.show([plugin('slow', widget(Waits))]));
  expect(await screen.findByText('one moment')).toBeDefined();
  await act(async () => {
    come();
    await coming;
  });
  expect(await screen.findByText('it came')).toBeDefined();
});

it('the third crash within a minute disables the plugin for the session, and it leaves the page', async () => {
  show(
    <>
      <Slot name="overviewWidget" />
      <Statuses />
    </>,
  );
  await act(() =>
    page.show([
      plugin('bad', widget(Broken)),
      plugin(
        'good',
        widget(() => <p>fine</p>),
      ),
    ]),
  );
  await screen.findByRole('alert');
  act(() => {
    page.clock.advance(1_000);
  });
  fireEvent.click(screen.getByText('Try again'));
  expect(screen.getByText(/bad active/)).toBeDefined();
  act(() => {
    page.clock.advance(1_000);
  });
  fireEvent.click(screen.getByText('Try again'));
  await screen.findByText('bad disabled, good active');
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(screen.getByText('fine')).toBeDefined();
});

it('a column that throws in every row has crashed once: each row says so, and the plugin stays', async () => {
  const rows = Array.from({ length: 40 }, (_, row) => row);
  show(
    <>
      {rows.map((row) => (
        <Slot key={row} name="listColumn" target="v1/pods" componentProps={{ object: row }} />
      ))}
      <Statuses />
    </>,
  );
  await act(() =>
    page.show([
      plugin('bad', (ctx) => {
        ctx.register('listColumn', { id: 'c', target: 'v1/pods', title: 'Cost', component: Broken });
      }),
    ]),
  );
  expect(await screen.findAllByRole('alert')).toHaveLength(40);
  expect(screen.getByText('bad active')).toBeDefined();
  expect(page.problems.map(({ code }) => code)).toEqual(['E_PLUGIN_CRASHED']);
});

it('an update replaces what is shown, and renders again what had crashed, without a reload', async () => {
  show(
    <>
      <input aria-label="search" />
      <Slot name="overviewWidget" />
    </>,
  );
  const input = screen.getByLabelText('search');
  await act(() => page.show([plugin('a', widget(Broken), { build: '1' })]));
  await screen.findByRole('alert');
  await act(() =>
    page.show([
      plugin(
        'a',
        widget(() => <p>mended</p>),
        { build: '2' },
      ),
    ]),
  );
  await screen.findByText('mended');
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByLabelText('search')).toBe(input);
});

it('a slot that needs code activates what declares something for it; a menu does not', async () => {
  const contributes = {
    navigation: [{ id: 'n', title: 'Costs', to: '/costs' }],
    detailSection: [{ id: 's', target: 'virtualmachines', title: 'Costs' }],
  };
  const activate = (ctx: PluginContext) => {
    ctx.register('detailSection', {
      id: 's',
      target: 'virtualmachines',
      title: 'Costs',
      component: ({ object }) => <p>Costs of {String(object)}</p>,
    });
  };
  function Dashboard() {
    const [target, setTarget] = useState<string>();
    return (
      <>
        <Slot name="navigation" render={({ value }) => <a href={value.to}>{value.title}</a>} />
        {target && <Slot name="detailSection" target={target} componentProps={{ object: 'vm-1' }} />}
        <button onClick={() => setTarget('sessions')}>session</button>
        <button onClick={() => setTarget('virtualmachines')}>machine</button>
        <Statuses />
      </>
    );
  }
  show(<Dashboard />);
  await act(() => page.show([plugin('costs', activate, { contributes })]));
  expect(screen.getByRole('link', { name: 'Costs' }).getAttribute('href')).toBe('/costs');
  fireEvent.click(screen.getByText('session'));
  expect(screen.getByText('costs pending')).toBeDefined();
  fireEvent.click(screen.getByText('machine'));
  expect(await screen.findByText('Costs of vm-1')).toBeDefined();
  expect(screen.getByText('costs active')).toBeDefined();
});

it('a component that suspends leaves its neighbours alone', async () => {
  const never = new Promise<never>(() => undefined);
  function Waiting(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how a component suspends in React 18, too.
    throw never;
  }
  show(<Slot name="overviewWidget" />);
  await act(() =>
    page.show([
      plugin('a', widget(Waiting)),
      plugin(
        'b',
        widget(() => <p>here</p>),
      ),
    ]),
  );
  expect(await screen.findByText('here')).toBeDefined();
});

it('the application may render what stands in place of a failure', async () => {
  show(
    <Slot
      name="overviewWidget"
      fallback={({ contribution, error }) => <p>{`${contribution.pluginId}: ${(error as Error).message}`}</p>}
    />,
  );
  await act(() => page.show([plugin('bad', widget(Broken))]));
  expect(await screen.findByText(`${idOf('bad')}: boom`)).toBeDefined();
});

it('before the loader has come nothing is contributed, and then everything is', async () => {
  const dashboard = (
    <>
      <Slot name="overviewWidget" />
      <Statuses />
    </>
  );
  const { rerender } = render(<PluginProvider loader={undefined}>{dashboard}</PluginProvider>);
  expect(screen.getByRole('status').textContent).toBe('');
  await act(() =>
    page.show([
      plugin(
        'a',
        widget(() => <p>here</p>),
      ),
    ]),
  );
  rerender(<PluginProvider loader={page.loader}>{dashboard}</PluginProvider>);
  expect(await screen.findByText('here')).toBeDefined();
  expect(screen.getByText('a active')).toBeDefined();
});

it('a slot takes what is for any of the names of its object', async () => {
  const section = (id: string, target: string) => ({ id, target, title: id, component: () => <p>{id}</p> });
  show(<Slot name="detailSection" target={['v1/pods', 'pods']} componentProps={{ object: 'pod' }} />);
  await act(() =>
    page.show([
      plugin('a', (ctx) => {
        ctx.register('detailSection', section('by-key', 'v1/pods'));
        ctx.register('detailSection', section('by-plural', 'pods'));
        ctx.register('detailSection', section('of-nodes', 'v1/nodes'));
      }),
    ]),
  );
  expect(await screen.findByText('by-key')).toBeDefined();
  expect(screen.getByText('by-plural')).toBeDefined();
  expect(screen.queryByText('of-nodes')).toBeNull();
});

it.each([
  ['an error with an object for a message', Object.assign(new Error(), { message: {} })],
  ['an object without a prototype', Object.create(null)],
  ['a symbol', Symbol('s')],
  ['null', null],
])('%s that a contribution throws is shown as a text, and leaves the page alone', async (_, thrown) => {
  function Odd(): never {
    throw thrown;
  }
  show(
    <>
      <h1>Overview</h1>
      <Slot name="overviewWidget" />
    </>,
  );
  await act(() => page.show([plugin('odd', widget(Odd))]));
  expect((await screen.findByRole('alert')).textContent).toContain('failed.');
  expect(screen.getByText('Overview')).toBeDefined();
  expect(page.problems.map(({ code }) => code)).toEqual(['E_PLUGIN_CRASHED']);
});

it('an action is there as it is declared, and the first use of it runs its code', async () => {
  const done = vi.fn();
  const action = { id: 'r', target: 'v1/pods', title: 'Restart' };
  const activate = vi.fn((ctx: PluginContext) => void ctx.register('rowAction', { ...action, run: done }));
  const object = { metadata: { name: 'pod' } };
  show(
    <Slot
      name="rowAction"
      target="v1/pods"
      render={(one) => <button onClick={() => void page.loader.run(one, { object })}>{one.value.title}</button>}
    />,
  );
  await act(() => page.show([plugin('a', activate, { contributes: { rowAction: [action] } })]));
  expect(activate).not.toHaveBeenCalled();
  fireEvent.click(screen.getByText('Restart'));
  await waitFor(() => expect(done).toHaveBeenCalledExactlyOnceWith({ object }));
});

it('a cell gets its object and cluster; a column that is declared alone is no cell, and leaves when it was not registered', async () => {
  const column = (id: string) => ({ id, target: 'v1/pods', title: id });
  const activate = (ctx: PluginContext) => {
    const component = ({ object, cluster }: TargetProps) => <b>{`${String(object)} in ${String(cluster)}`}</b>;
    ctx.register('listColumn', { ...column('owner'), component });
  };
  const contributes = { listColumn: [column('owner'), column('cost')] };
  show(
    <>
      <Slot name="listColumn" target="v1/pods" componentProps={{ object: 'pod', cluster: 'prod' }} />
      <Statuses />
    </>,
  );
  await act(() => page.show([plugin('a', activate, { contributes })]));
  expect(await screen.findByText('pod in prod')).toBeDefined();
  expect(screen.getByText('a active')).toBeDefined();
  expect(page.loader.registry.getSnapshot('listColumn').map(({ value }) => value.id)).toEqual(['owner']);
  expect(page.loader.getSnapshot()[0]?.warnings.map(({ reason }) => reason)).toEqual([
    'declares the listColumn "cost" and does not register it',
  ]);
});

it('what a slot shows leaves at once when its plugin is disabled, though that is slow to end', async () => {
  const definition = {
    activate: widget(() => <p>here</p>),
    deactivate: () => new Promise<void>(() => undefined),
  };
  show(<Slot name="overviewWidget" />);
  await act(() => page.show([{ name: 'a', evaluate: exporting(definition) }]));
  expect(await screen.findByText('here')).toBeDefined();
  await act(() => page.show([{ status: 'disabled', id: idOf('a'), title: 'a', version: '1.0.0' }]));
  expect(screen.queryByText('here')).toBeNull();
});
