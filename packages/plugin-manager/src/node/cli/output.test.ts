import { expect, it } from 'vitest';
import type { OperationProgress } from '../../core/operation-progress.ts';
import { PluginError } from '../../protocol/error.ts';
import { createOutput, type OutputStream } from './output.ts';

function fakeStream(isTTY: boolean, columns = 60): OutputStream & { readonly written: () => string } {
  let all = '';
  return { isTTY, columns, write: (text) => (all += text), written: () => all };
}

interface Terminal {
  readonly isTerminal?: boolean;
  /** Of stderr; default: as stdout. */
  readonly isErrorsTty?: boolean;
  readonly isJson?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

function start({ isTerminal = true, isErrorsTty = isTerminal, isJson = false, environment = {} }: Terminal = {}) {
  const stdout = fakeStream(isTerminal);
  const stderr = fakeStream(isErrorsTty);
  return { stdout, stderr, output: createOutput({ stdout, stderr, environment, isJson }) };
}

const phase: OperationProgress = { type: 'phase', phase: 'download', percentage: 50 };
const result = { value: { path: '/x' }, text: 'x' };
const error = new PluginError('E_INTEGRITY', 'expected a\u001b[2Jb', { phase: 'integrity', pluginId: 'a:b/c' });

it('draws one line on a terminal, takes it away, and then says the result', () => {
  const { output, stdout, stderr } = start();
  output.progress(phase);
  output.progress({ ...phase, percentage: 60 });
  output.finish(result);
  expect(stdout.written()).toBe('x\n');
  const drawn = stderr.written().replaceAll('\r\u001b[K', '<cleared>');
  expect(drawn).toMatch(/^ 50 % [^\n]*download<cleared> 60 % [^\n]*download<cleared>$/);
  expect(stderr.written()).toContain('\u001b[32m');
});

it('a terminal that does not know its size is drawn on, too', () => {
  const stderr = fakeStream(true, 0);
  const output = createOutput({ stdout: fakeStream(true), stderr, environment: { NO_COLOR: '1' }, isJson: false });
  output.progress(phase);
  expect(stderr.written()).toMatch(/^ 50 % [█░]{24} download$/);
});

it('a warning stays on the screen, above the line, which goes on saying what it said', () => {
  const { output, stderr } = start({ environment: { NO_COLOR: '1' } });
  output.progress({ type: 'warning', message: 'no compat\u0007', percentage: 50 });
  expect(stderr.written()).toBe('warning: no compat\ufffd\n');
  output.progress(phase, 'hub:acme/a');
  const line = stderr.written().split('\n').at(-1);
  output.progress({ type: 'warning', message: 'no compat', percentage: 100 }, 'hub:acme/b');
  expect(stderr.written().endsWith(`\r\u001b[Kwarning: hub:acme/b: no compat\n${String(line)}`)).toBe(true);
});

it('a warning is told where stderr is no terminal, too, and nothing else of the progress', () => {
  const { output, stderr } = start({ isErrorsTty: false });
  output.progress(phase);
  output.progress({ type: 'warning', message: 'no compat', percentage: 50 });
  expect(stderr.written()).toBe('warning: no compat\n');
});

it('what is known before the end takes the line away, and the line goes on with what is done', () => {
  const { output, stdout, stderr } = start({ environment: { NO_COLOR: '1' } });
  output.progress(phase, 'hub:acme/a');
  output.event({ value: { type: 'plan' }, text: 'install  hub:acme/a' });
  expect(stdout.written()).toBe('install  hub:acme/a\n');
  expect(stderr.written()).toContain(' hub:acme/a ');
  expect(stderr.written().endsWith('\r\u001b[K')).toBe(true);
  output.progress({ type: 'warning', message: 'no compat', percentage: 50 }, 'hub:acme/a');
  expect(stderr.written()).toMatch(/warning: hub:acme\/a: no compat\n 50 % \S+ hub:acme\/a \S+$/);
});

it('NDJSON names the plugin where there are several', () => {
  const { output, stdout } = start({ isJson: true });
  output.progress(phase, 'hub:acme/a');
  output.event({ value: { type: 'plan' }, text: 'x' });
  const lines = stdout.written().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { ...phase, pluginId: 'hub:acme/a' },
    { type: 'plan' },
  ]);
});

it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('uses no colour with %j', (environment) => {
  const { output, stderr } = start({ environment });
  output.progress(phase);
  expect(stderr.written()).not.toContain('\u001b');
});

it('an empty NO_COLOR is none', () => {
  const { output, stderr } = start({ environment: { NO_COLOR: '' } });
  output.progress(phase);
  expect(stderr.written()).toContain('\u001b[32m');
});

it.each([
  ['where stdout is no terminal', { isTerminal: false }],
  ['where it is asked for', { isJson: true }],
])('writes NDJSON %s: events, and last the result', (_, options) => {
  const { output, stdout, stderr } = start(options);
  output.progress(phase);
  output.progress({ type: 'done', percentage: 100, warnings: [] });
  output.finish(result);
  const lines = stdout.written().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([phase, { type: 'done', result: { path: '/x' } }]);
  expect(stderr.written()).toBe('');
});

it('a failure is the last line of the NDJSON, with its code, and a sentence without control characters on stderr', () => {
  const { output, stdout, stderr } = start({ isJson: true });
  output.fail(error);
  expect(JSON.parse(stdout.written())).toEqual({
    type: 'failed',
    error: {
      code: 'E_INTEGRITY',
      message: 'expected a\u001b[2Jb',
      phase: 'integrity',
      retryable: false,
      pluginId: 'a:b/c',
      details: {},
    },
  });
  expect(stderr.written()).toBe('fleetwire-plugin: a:b/c: expected a\ufffd[2Jb (E_INTEGRITY)\n');
});

it('on a terminal a failure takes the line away first', () => {
  const { output, stdout, stderr } = start({ environment: { NO_COLOR: '1' } });
  output.progress(phase);
  output.fail(error);
  expect(stdout.written()).toBe('');
  expect(stderr.written()).toContain('\r\u001b[Kfleetwire-plugin: a:b/c: expected a');
});

it('a message that names its plugin names it once', () => {
  const { output, stderr } = start();
  output.fail(new PluginError('E_NOT_INSTALLED', 'a:b/c is not installed', { phase: 'resolve', pluginId: 'a:b/c' }));
  expect(stderr.written()).toBe('fleetwire-plugin: a:b/c is not installed (E_NOT_INSTALLED)\n');
});

it('a fault of the program itself is shown with its stack', () => {
  const { output, stderr } = start();
  output.fail(new TypeError('x is not a function'));
  expect(stderr.written()).toMatch(/TypeError: x is not a function\n +at /);
});

it.each([
  ['the disk is full', 'the disk is full [/plugins/state.json]'],
  ['cannot write /plugins/state.json', 'cannot write /plugins/state.json'],
])('a failure of the disk names its file, and once: %s', (message, said) => {
  const { output, stderr } = start({ isTerminal: false });
  const cause = Object.assign(new Error('ENOSPC'), { path: '/plugins/state.json' });
  output.fail(new PluginError('E_STORE_FULL', message, { phase: 'commit', cause }));
  expect(stderr.written()).toBe(`fleetwire-plugin: ${said} (E_STORE_FULL)\n`);
});
