import { describe, expect, it } from 'vitest';
import { podObject } from '../../../test/support/exec-pod.ts';
import { execContainerOf, runOf } from './exec-container.ts';
import { startProcess, transition, type ExecEvent, type ExecRequest, type ExecStep } from './exec-process.ts';

const NOW = Date.UTC(2026, 10, 21, 16, 5, 9);

/** A command, and all that it wrote and asked for. */
function run(command: readonly string[], options: Partial<ExecRequest> & { readonly image?: string } = {}) {
  const { image = 'registry.example/shop/cart:1.9.3', ...request } = options;
  const container = execContainerOf(podObject('cart-1', image), 'main');
  let step: ExecStep = startProcess(container, { command, isTty: false, hasStdin: false, ...request }, NOW);
  let effects = [...step.effects];
  const written = (stream: string): string =>
    effects.map((effect) => (effect.kind === 'write' && effect.stream === stream ? effect.text : '')).join('');
  return {
    happen(event: ExecEvent) {
      step = transition(step.process, event, NOW);
      effects = [...effects, ...step.effects];
    },
    type(text: string) {
      this.happen({ kind: 'input', text });
    },
    forget() {
      effects = [];
    },
    get effects() {
      return effects;
    },
    get stdout() {
      return written('stdout');
    },
    get stderr() {
      return written('stderr');
    },
    /** Undefined while it runs. */
    get code() {
      const end = effects.find((effect) => effect.kind === 'end');
      if (!end) return undefined;
      return end.status.status === 'Success' ? 0 : (end.status.details?.causes[0]?.message ?? '');
    },
  };
}

const sh = (script: string, options?: Parameters<typeof run>[1]) => run(['sh', '-c', script], options);

describe('a program alone', () => {
  it('writes and ends', () => {
    const echo = run(['echo', '-n', 'hi', 'you']);
    expect([echo.stdout, echo.code]).toEqual(['hi you', 0]);
    expect(run(['/bin/echo', 'hi']).stdout).toBe('hi\n');
  });

  it.each([
    [['pwd'], '/app\n'],
    [['hostname'], 'cart-1\n'],
    [['whoami'], 'root\n'],
    [['date'], 'Sat Nov 21 16:05:09 UTC 2026\n'],
    [['cat', '/etc/hostname', 'config.yaml'], 'cart-1\nlisten: 0.0.0.0:8080\nlog:\n  level: info\n'],
    [['ls'], 'README\nconfig.yaml\n'],
    [['ls', '/etc/..', '/app/config.yaml'], /^\/etc\/..:\napp\nbin\n[^]*\/app\/config.yaml\n$/],
    [['ls', '-l', '/app'], /^-rw-r--r-- 1 root root +\d+ README\n/],
    [['env'], /^HOSTNAME=cart-1$[^]*^GREETING=hello$/m],
    [['ps'], /^ +1 root +\S+ \/app\/cart$/m],
    [['true'], ''],
  ])('%j', (command, stdout) => {
    const done = run(command);
    expect(done.stdout).toEqual(typeof stdout === 'string' ? stdout : expect.stringMatching(stdout));
    expect([done.stderr, done.code]).toEqual(['', 0]);
  });

  it('that is not there fails with the words of a container runtime', () => {
    const { effects } = run(['bash']);
    const why = 'error executing command in container: exec: "bash": executable file not found in $PATH';
    expect(effects).toEqual([
      {
        kind: 'end',
        status: {
          metadata: {},
          status: 'Failure',
          message: `Internal error occurred: ${why}`,
          reason: 'InternalError',
          details: { causes: [{ message: why }] },
          code: 500,
        },
      },
    ]);
    expect(run(['/bin/bash']).code).toContain('stat /bin/bash: no such file or directory');
    expect(run(['/bin/bash', '-c', 'exit 2'], { image: 'docker.io/library/postgres:18.1' }).code).toBe('2');
    expect(run(['echo'], { image: 'registry.k8s.io/coredns/coredns:v1.12.4' }).code).toContain('not found in $PATH');
  });

  it('tells the code that it ended with', () => {
    const failed = run(['cat', '/nothing', '/etc']);
    expect(failed.stderr).toBe(
      "cat: can't open '/nothing': No such file or directory\ncat: read error: Is a directory\n",
    );
    expect(failed.effects.at(-1)).toEqual({
      kind: 'end',
      status: {
        metadata: {},
        status: 'Failure',
        message: 'command terminated with non-zero exit code: command terminated with exit code 1',
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: '1' }] },
      },
    });
    expect(run(['false']).code).toBe('1');
    expect(run(['ls', '/nothing']).stderr).toBe('ls: /nothing: No such file or directory\n');
  });

  it('copies its input until that is over', () => {
    const cat = run(['cat'], { hasStdin: true });
    cat.type('one\ntw');
    expect([cat.stdout, cat.code]).toEqual(['one\ntw', undefined]);
    cat.type('o');
    cat.happen({ kind: 'input-over' });
    cat.type('three');
    expect([cat.stdout, cat.code]).toEqual(['one\ntwo', 0]);
    expect(run(['cat']).code).toBe(0);
  });

  it('sleeps, and is ended with its container', () => {
    const slept = run(['sleep', '1.5']);
    expect(slept.effects).toEqual([{ kind: 'sleep', delayMs: 1500 }]);
    slept.happen({ kind: 'slept' });
    expect(slept.code).toBe(0);
    const killed = run(['sleep', 'infinity']);
    killed.happen({ kind: 'killed' });
    expect(killed.effects.map(({ kind }) => kind)).toEqual(['sleep', 'wake', 'end']);
    expect(killed.code).toBe('137');
    killed.happen({ kind: 'slept' });
    expect(killed.effects).toHaveLength(3);
    expect(run(['sleep', 'x']).stderr).toBe("sleep: invalid number 'x'\n");
  });
});

describe('a script', () => {
  it('runs its commands one after the other', () => {
    const done = sh('cd /etc && pwd; cd nowhere || echo $?; nope; echo "$GREETING"');
    expect(done.stdout).toBe('/etc\n1\nhello\n');
    expect(done.stderr).toBe("sh: cd: can't cd to nowhere: No such file or directory\nsh: nope: not found\n");
    expect(done.code).toBe(0);
  });

  it('ends with the code of its last command, or the one that it says', () => {
    expect(sh('nope').code).toBe('127');
    expect(sh('exit 3; echo no')).toMatchObject({ code: '3', stdout: '' });
    expect(sh('false; exit').code).toBe('1');
    expect(sh('exit x').code).toBe('2');
    expect(sh('echo a | cat')).toMatchObject({ code: '2', stderr: 'sh: syntax error: unexpected |\n' });
    expect(sh('').code).toBe(0);
  });

  it('waits for what sleeps', () => {
    const slow = sh('sleep 1 && echo done');
    expect(slow.stdout).toBe('');
    slow.happen({ kind: 'slept' });
    expect([slow.stdout, slow.code]).toEqual(['done\n', 0]);
  });
});

describe('a shell without a terminal', () => {
  it('reads commands from its input, without prompts', () => {
    const shell = run(['sh'], { hasStdin: true });
    shell.type('echo on');
    expect(shell.stdout).toBe('');
    shell.type('e\nfalse');
    expect(shell.stdout).toBe('one\n');
    shell.happen({ kind: 'input-over' });
    expect([shell.stdout, shell.code]).toEqual(['one\n', '1']);
    expect(run(['sh']).code).toBe(0);
  });

  it('gives the rest of its input to a command that reads it', () => {
    const shell = run(['sh'], { hasStdin: true });
    shell.type('cat\nrest\n');
    expect(shell.stdout).toBe('rest\n');
  });

  it('is ended when more comes than it reads', () => {
    const shell = run(['sh'], { hasStdin: true });
    shell.type('sleep 100\n');
    shell.type('x'.repeat(1024 * 1024 + 1));
    expect(shell.code).toBe('the input came faster than the command reads');
    const sleeping = run(['sleep', '100'], { hasStdin: true });
    sleeping.type('x'.repeat(1024 * 1024 + 1));
    expect(sleeping.code).toBeUndefined();
  });
});

describe('a shell on a terminal', () => {
  const shell = (options?: Parameters<typeof run>[1]) => run(['sh'], { isTty: true, hasStdin: true, ...options });

  it('prompts, echoes and answers', () => {
    const tty = shell();
    expect(tty.stdout).toBe('/app # ');
    tty.type('ec');
    tty.type('ho hi\r');
    expect(tty.stdout).toBe('/app # echo hi\r\nhi\r\n/app # ');
    tty.forget();
    tty.type('nope\r');
    expect([tty.stdout, tty.stderr]).toEqual(['nope\r\nsh: nope: not found\r\n/app # ', '']);
    tty.type('exit 3\r');
    expect(tty.code).toBe('3');
  });

  it('prompts as bash does where it is bash', () => {
    const tty = run(['bash'], { isTty: true, hasStdin: true, image: 'docker.io/library/redis:8.2' });
    expect(tty.stdout).toBe('root@cart-1:/data# ');
  });

  it('takes characters back, whole ones', () => {
    const tty = shell();
    tty.forget();
    tty.type('a😀\u007f\b\b');
    expect(tty.stdout).toBe('a😀\b \b\b \b');
    tty.forget();
    tty.type('nope\u0015echo b\r');
    expect(tty.stdout).toBe(`nope${'\b \b'.repeat(4)}echo b\r\nb\r\n/app # `);
  });

  it('is not put off by arrow keys and other control characters', () => {
    const tty = shell();
    tty.forget();
    tty.type('echo\u001b[A\u001bOB\u001b[1;5C\u0001 a\r');
    expect(tty.stdout).toBe('echo a\r\na\r\n/app # ');
  });

  it('drops the line at Ctrl-C, and ends what runs', () => {
    const tty = shell();
    tty.forget();
    tty.type('ech\u0003');
    expect(tty.stdout).toBe('ech^C\r\n/app # ');
    tty.type('sleep 9; echo no\r');
    tty.type('echo typed ahead\r');
    tty.forget();
    tty.type('\u0003');
    tty.happen({ kind: 'slept' });
    expect(tty.stdout).toBe('^C\r\n/app # ');
    expect(tty.effects.map(({ kind }) => kind)).toEqual(['write', 'wake', 'write']);
    tty.type('echo $?\r');
    expect(tty.stdout).toContain('\r\n130\r\n');
  });

  it('runs what was typed ahead once it may', () => {
    const tty = shell();
    tty.type('sleep 1\recho two\r');
    tty.forget();
    tty.happen({ kind: 'slept' });
    expect(tty.stdout).toBe('/app # two\r\n/app # ');
  });

  it('ends at Ctrl-D on an empty line, and what copies ends first', () => {
    const tty = shell();
    tty.type('a\u0004\u0015cat\r');
    tty.forget();
    tty.type('line\r');
    expect(tty.stdout).toBe('line\r\nline\r\n');
    tty.type('\u0004');
    expect(tty.code).toBeUndefined();
    tty.type('\u0004');
    expect(tty.stdout).toMatch(/\/app # exit\r\n$/);
    expect(tty.code).toBe(0);
  });

  it('has no longer lines than a terminal', () => {
    const tty = shell();
    tty.type('x'.repeat(5000));
    tty.forget();
    tty.type('y');
    expect(tty.stdout).toBe('\u0007');
  });

  it('shows names beside each other', () => {
    const tty = shell();
    tty.forget();
    tty.type('ls\r');
    expect(tty.stdout).toBe('ls\r\nREADME  config.yaml\r\n/app # ');
  });
});

it('a run of a container is another one after a restart, and none while it does not run', () => {
  const pod = podObject('a', 'x:1');
  expect(runOf(pod, 'main')).toBe('uid-of-a/0');
  expect(runOf(podObject('a', 'x:1', { restartCount: 2 }), 'main')).toBe('uid-of-a/2');
  expect(runOf(podObject('a', 'x:1', { state: { waiting: {} } }), 'main')).toBeUndefined();
  expect(runOf(pod, 'other')).toBeUndefined();
});
