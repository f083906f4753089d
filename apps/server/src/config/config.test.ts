import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpText, readCommand } from './command.ts';
import { ConfigError, configKeys } from './schema.ts';

const noFiles = (): undefined => undefined;

function problemsOf(args: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    readCommand(args, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readCommand', () => {
  it('has a default for everything but the first password', () => {
    expect(readCommand([], {}, noFiles)).toEqual({
      kind: 'serve',
      sources: new Map(),
      config: {
        port: 8080,
        host: '127.0.0.1',
        tlsPort: 8443,
        allowedHosts: [],
        trustedProxies: [],
        dataDir: './.fleetwire',
        demo: 'auto',
        kubeconfig: [],
        clusters: {},
        ownClusterNetworks: ['public'],
        logLevel: 'info',
        drainDeadlineMs: 20_000,
        auditRetentionDays: 365,
      },
    });
  });

  it('takes flags before the environment, and takes an empty variable for one that is not set', () => {
    const environment = { FLEETWIRE_PORT: '9000', FLEETWIRE_HOST: '0.0.0.0', FLEETWIRE_DATA_DIR: '' };
    expect(readCommand(['--port=0', '--data-dir', 'x'], environment)).toMatchObject({
      config: { port: 0, host: '0.0.0.0', dataDir: 'x' },
    });
  });

  it.each(['70000', '-1', '80.5', 'http', '0x50', ''])(
    'refuses the port %j and names key, value and expectation',
    (port) => {
      const [problem] = problemsOf([`--port=${port}`]);
      expect(problem).toMatch(
        port === '' ? '--port: expected a value' : '--port: expected a whole number from 0 to 65535',
      );
      if (port !== '') expect(problem).toContain(JSON.stringify(port));
    },
  );

  it('names every problem at once, and the variable where one came from there', () => {
    expect(problemsOf(['--prot', '1', '--host'], { FLEETWIRE_LOG_LEVEL: 'loud' })).toEqual([
      expect.stringMatching(/^--prot: unknown flag; expected one of --config, --port, /),
      '1: expected a flag, got an argument',
      '--host: expected a value, got none',
      'FLEETWIRE_LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
    ]);
  });

  it('takes host names by commas, and no URLs', () => {
    expect(readCommand(['--allowed-hosts=fleet.example,b'], {})).toMatchObject({
      config: { allowedHosts: ['fleet.example', 'b'] },
    });
    expect(problemsOf(['--allowed-hosts', '*.fleet.example'])).toHaveLength(1);
    expect(problemsOf(['--allowed-hosts', 'https://fleet.example'])).toEqual([
      '--allowed-hosts: expected host names without ports and wildcards, separated by commas, got "https://fleet.example"',
    ]);
  });

  it('takes addresses and blocks of trusted proxies, and nothing else', () => {
    expect(readCommand(['--trusted-proxies=10.0.0.0/8,::1'], {})).toMatchObject({
      config: { trustedProxies: ['10.0.0.0/8', '::1'] },
    });
    for (const wrong of ['10.0.0.0/40', 'proxy.example', '*'])
      expect(problemsOf(['--trusted-proxies', wrong])).toEqual([
        `--trusted-proxies: expected addresses or CIDR blocks such as 10.0.0.0/8, separated by commas, got "${wrong}"`,
      ]);
  });

  it('takes networks of users’ clusters by kind and as blocks, and none for off and for an empty list', () => {
    const networksOf = (...args: Parameters<typeof readCommand>) => {
      const command = readCommand(...args);
      return 'config' in command ? command.config.ownClusterNetworks : undefined;
    };
    expect(networksOf(['--own-cluster-networks=public,10.0.0.0/8,fd00::/8'], {})).toEqual([
      'public',
      '10.0.0.0/8',
      'fd00::/8',
    ]);
    expect(networksOf(['--own-cluster-networks=off'], {})).toEqual([]);
    expect(networksOf([], { FLEETWIRE_OWN_CLUSTER_NETWORKS: '' })).toEqual(['public']);
    expect(networksOf([], {}, () => 'ownClusterNetworks: []')).toEqual([]);
    for (const value of ['off,public', 'internal', '10.0.0.1', '10/8', '::1%lo/128', '10.0.0.0/33'])
      expect(problemsOf([`--own-cluster-networks=${value}`])).toEqual([
        '--own-cluster-networks: expected `public`, `private`, `loopback` or CIDR blocks, separated by commas, or `off`, got ' +
          JSON.stringify(value),
      ]);
  });

  it('takes a key of 32 bytes in base64, base64url and hex, and does not print another one', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const encoding of ['base64', 'base64url', 'hex'] as const) {
      const command = readCommand([], { FLEETWIRE_SECRET_KEY: bytes.toString(encoding) }, noFiles);
      expect('config' in command && Buffer.from(command.config.secretKey ?? '')).toEqual(bytes);
    }
    for (const value of ['a secret of mine', 'A'.repeat(42), `${'A'.repeat(42)}==`, 'f'.repeat(63), 'g'.repeat(64)])
      expect(problemsOf([], { FLEETWIRE_SECRET_KEY: value })).toEqual([
        'FLEETWIRE_SECRET_KEY: expected 32 random bytes in base64 or in hex, got another value',
      ]);
  });

  it('takes the proxy of all programs by both of its names, the one in lower case first, and from no file', () => {
    const proxyOf = (environment: Record<string, string>) => {
      const command = readCommand([], environment, noFiles);
      return 'config' in command ? [command.config.httpsProxy, command.config.noProxy] : [];
    };
    expect(proxyOf({ HTTPS_PROXY: 'a:1', NO_PROXY: 'x' })).toEqual(['a:1', 'x']);
    expect(proxyOf({ HTTPS_PROXY: 'a:1', https_proxy: 'b:1', NO_PROXY: 'x', no_proxy: '' })).toEqual(['b:1', 'x']);
    expect(proxyOf({})).toEqual([undefined, undefined]);
    expect(() => readCommand([], {}, () => 'httpsProxy: a:1')).toThrow('unknown key "httpsProxy"');
  });

  it('does not print a password that it refuses', () => {
    expect(problemsOf([], { FLEETWIRE_ADMIN_PASSWORD: 'short' })).toEqual([
      'FLEETWIRE_ADMIN_PASSWORD: expected 8 to 1024 characters, got another value',
    ]);
  });

  it('has no flag for a secret', () => {
    expect(configKeys.filter(({ secret, flag }) => secret === true && flag !== undefined)).toEqual([]);
  });

  it('helps, and tells the version, whatever else is asked', () => {
    expect(readCommand(['--help', '--port', 'x'], {})).toEqual({ kind: 'help' });
    expect(readCommand(['--version'], {})).toEqual({ kind: 'version' });
    for (const { env, name } of configKeys) expect(helpText()).toContain(env ?? name);
  });
});

describe('docs/configuration.md', () => {
  it('has a row for each key, equal to the schema, and no other', () => {
    const text = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
    const [table = ''] = text.split('\n## ');
    const rows = [...table.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row).slice(2);
    const code = (value: string) => (value === '' ? '' : `\`${value}\``);
    expect(rows).toEqual(
      configKeys.map(({ flag, env, file, name, defaultValue, expects, description }) =>
        [
          code(flag === undefined ? '' : `--${flag}`),
          code(env ?? ''),
          code(file === 'never' ? '' : name),
          code(defaultValue),
          expects,
          description,
        ].join(' | '),
      ),
    );
  });
});
