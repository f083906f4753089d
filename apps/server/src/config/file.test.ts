import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readCommand } from './command.ts';
import { ConfigError } from './schema.ts';
import { showConfig } from './show.ts';

type Files = Readonly<Record<string, string>>;

function read(args: readonly string[], files: Files, environment: Record<string, string> = {}) {
  const command = readCommand(args, environment, (path) => files[path]);
  if (command.kind === 'help' || command.kind === 'version') throw new TypeError('expected a configuration');
  return command;
}

function problemsOf(args: readonly string[], files: Files, environment: Record<string, string> = {}) {
  try {
    read(args, files, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration file', () => {
  it('is fleetwire.yaml of the working folder, below flags and environment and above the defaults', () => {
    const files = { 'fleetwire.yaml': 'port: 1\nhost: 0.0.0.0\nlogLevel: warn\n# tlsPort:\ndemo: off\ntlsPort: off\n' };
    const { config, sources } = read(['--port', '3'], files, { FLEETWIRE_HOST: '::1', FLEETWIRE_PORT: '2' });
    expect(config).toMatchObject({ port: 3, host: '::1', logLevel: 'warn', demo: 'off', tlsPort: 'off' });
    expect(Object.fromEntries(sources)).toEqual({
      port: '--port',
      host: 'FLEETWIRE_HOST',
      logLevel: 'fleetwire.yaml:3: logLevel',
      demo: 'fleetwire.yaml:5: demo',
      tlsPort: 'fleetwire.yaml:6: tlsPort',
    });
  });

  it('is another one by flag or variable, which must be there', () => {
    expect(read(['--config', 'other.yaml'], { 'other.yaml': 'port: 7' }).config.port).toBe(7);
    expect(read([], { 'other.yaml': 'port: 7' }, { FLEETWIRE_CONFIG: 'other.yaml' }).config.port).toBe(7);
    expect(problemsOf(['--config', 'none.yaml'], { 'fleetwire.yaml': 'port: 1' })).toEqual([
      '--config: expected the path of a file, and there is none at "none.yaml"',
    ]);
  });

  it('takes lists, and settings of clusters with their defaults', () => {
    const text = [
      'allowedHosts: [fleet.example, other.example]',
      'kubeconfig:',
      '  - a.yaml',
      '  - b.yaml',
      'clusters:',
      '  demo:',
      '    orgs: [default, team]',
      '    identity: impersonate',
      '    namespace: team',
      '  prod: {}',
    ].join('\n');
    expect(read([], { 'fleetwire.yaml': text }).config).toMatchObject({
      allowedHosts: ['fleet.example', 'other.example'],
      kubeconfig: ['a.yaml', 'b.yaml'],
      clusters: {
        demo: { orgs: ['default', 'team'], identity: 'impersonate', namespace: 'team' },
        prod: { orgs: ['default'], identity: 'shared' },
      },
    });
  });

  it('takes an empty file, and a key whose value was blanked, for nothing', () => {
    expect(read([], { 'fleetwire.yaml': '' }).config.port).toBe(8080);
    expect(read([], { 'fleetwire.yaml': '# nothing\n' }).config.port).toBe(8080);
    expect(read([], { 'fleetwire.yaml': 'port:\n' }).config.port).toBe(8080);
  });

  it('is refused with the line of each unknown key and of each value that does not fit', () => {
    const text = [
      'prot: 1',
      'port: eighty',
      'host: [a]',
      'configFile: x',
      'clusters:',
      '  demo:',
      '    identity: mine',
      '  prod:',
      '    org: [a]',
    ].join('\n');
    expect(problemsOf([], { 'fleetwire.yaml': text })).toEqual([
      expect.stringMatching(/^fleetwire\.yaml:1: unknown key "prot"; expected one of port, host, tlsPort/),
      expect.stringMatching(/^fleetwire\.yaml:4: unknown key "configFile"/),
      'fleetwire.yaml:2: port: expected a whole number from 0 to 65535, got "eighty"',
      'fleetwire.yaml:3: host: expected an address or a host name of this machine, got ["a"]',
      expect.stringMatching(/^fleetwire\.yaml:7: clusters\.demo\.identity: /),
      expect.stringMatching(/^fleetwire\.yaml:9: clusters\.prod: .*org/),
    ]);
  });

  it.each([
    ['port: [', /^fleetwire\.yaml:1: /],
    ['port: 1\nport: 2', /^fleetwire\.yaml:2: /],
    ['just text', /^fleetwire\.yaml:1: expected keys with values/],
    ['- a\n- b', /^fleetwire\.yaml:1: expected keys with values/],
    ['clusters: text', /^fleetwire\.yaml:1: clusters: expected settings by cluster: .*, got "text"/],
  ])('is refused when it is %j', (text, problem) => {
    expect(problemsOf([], { 'fleetwire.yaml': text })).toEqual([expect.stringMatching(problem)]);
  });
});

describe('a secret', () => {
  it('is read from the file that the variable with _FILE names, without the line feed at its end', () => {
    const files = { '/run/secrets/url': 'postgres://u:p@h/d\n' };
    expect(read([], files, { DATABASE_URL_FILE: '/run/secrets/url' }).config.databaseUrl).toBe('postgres://u:p@h/d');
  });

  it('is refused from two places, and from a file that is not there', () => {
    const both = { DATABASE_URL: 'postgres://h/d', DATABASE_URL_FILE: '/x' };
    expect(problemsOf([], { '/x': 'y' }, both)).toEqual([
      'DATABASE_URL_FILE: expected one of DATABASE_URL and DATABASE_URL_FILE, got both',
    ]);
    expect(problemsOf([], {}, { FLEETWIRE_ADMIN_PASSWORD_FILE: '/none' })).toEqual([
      'FLEETWIRE_ADMIN_PASSWORD_FILE: expected the path of a file, and there is none at "/none"',
    ]);
  });

  it('is not printed when it does not fit, nor by `config check`', () => {
    expect(problemsOf([], {}, { DATABASE_URL: 'mysql://u:hush@h/d' })).toEqual([
      'DATABASE_URL: expected a URL such as postgres://user:password@host/database, got another value',
    ]);
    const shown = showConfig(read(['config', 'check'], {}, { DATABASE_URL: 'postgres://u:hush@h/d' }));
    expect(shown).not.toContain('hush');
    expect(shown).toContain('databaseUrl: (hidden) # DATABASE_URL\n');
  });
});

describe('commands', () => {
  it('shows the configuration as a file that would give the same', () => {
    const files = {
      'fleetwire.yaml': 'port: 1\nclusters:\n  demo:\n    identity: impersonate\nallowedHosts: [a.example]\n',
    };
    const command = read(['config', 'check', '--tls-port', 'off'], files);
    expect(command.kind).toBe('config-check');
    const shown = showConfig(command);
    expect(shown).toContain('port: 1 # fleetwire.yaml:1: port\n');
    expect(shown).toContain('tlsPort: off # --tls-port\n');
    expect(shown).toContain('host: 127.0.0.1 # default\n');
    expect(parse(shown)).toMatchObject({ port: 1, tlsPort: 'off', allowedHosts: ['a.example'] });
    expect(read([], { 'fleetwire.yaml': shown }).config).toEqual(command.config);
  });

  it('take flags of their own beside those of the configuration', () => {
    expect(read(['kubeconfig', '--cluster', 'demo', '--data-dir', 'x'], {})).toMatchObject({
      kind: 'kubeconfig',
      options: { cluster: 'demo', user: undefined, url: undefined },
      config: { dataDir: 'x' },
    });
    expect(problemsOf(['--cluster=demo'], {})).toEqual([expect.stringMatching(/^--cluster: unknown flag/)]);
    expect(read(['db', 'copy', '--to', 'postgres://h/d'], {})).toMatchObject({ kind: 'db-copy', to: 'postgres://h/d' });
    expect(problemsOf(['db', 'copy'], {})).toEqual([
      '--to: expected empty database to copy to: postgres://… or sqlite:path, got none',
    ]);
    expect(problemsOf(['config', 'chek'], {})).toEqual([
      'config chek: unknown command; expected none, or one of `config check`, `kubeconfig`, `org add`, `user password`, `db copy`',
    ]);
  });

  it('take --demo alone for on, wherever it stands', () => {
    expect(read(['--demo', '--port', '1'], {}).config).toMatchObject({ demo: 'on', port: 1 });
    expect(read(['--port=1', '--demo'], {}).config.demo).toBe('on');
    expect(read(['--demo', 'off'], {}).config.demo).toBe('off');
    expect(read(['--demo=auto'], {}).config.demo).toBe('auto');
    expect(problemsOf(['--demo', 'maybe'], {})).toEqual(['--demo: expected one of auto, on, off, got "maybe"']);
  });

  it('want the certificate of TLS and its key together', () => {
    expect(problemsOf(['--tls-cert', 'x'], {})).toEqual([
      '--tls-cert, --tls-key: expected both or none, got the certificate alone',
    ]);
  });
});
