// `node src/main.ts [--quick] [--check] [--only=fan-out,memory] [--out=file]`: measures, prints the table, writes the JSON.
// A missed bar is no failure, since a busy machine misses bars that it reaches when idle; with `--check` it is.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { measureDashboardFrames } from './measures/dashboard-frames.ts';
import { measureFanOut } from './measures/fan-out.ts';
import { measureKubeDeadCluster } from './measures/kube-dead-cluster.ts';
import { measureKubeGateway } from './measures/kube-gateway.ts';
import { measureKubeHooks } from './measures/kube-hooks.ts';
import { measureKubeMemory } from './measures/kube-memory.ts';
import { measureKubeRecovery } from './measures/kube-recovery.ts';
import { measureMemory } from './measures/memory.ts';
import { measurePluginInstall } from './measures/plugin-install.ts';
import { measureReconnectStorm } from './measures/reconnect-storm.ts';
import { measureRoundTrip } from './measures/round-trip.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { formatTable, type Row } from './rows.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '..', 'results', 'latest.json') },
  },
});
const plan = values.quick ? quickPlan : fullPlan;
const measures: Readonly<Record<string, () => Promise<Row[]>>> = {
  'fan-out': () => measureFanOut(plan.fanOut),
  memory: () => measureMemory(plan.memory),
  'round-trip': () => measureRoundTrip(plan.roundTrip),
  storm: () => measureReconnectStorm(plan.storm),
  'kube-gateway': () => measureKubeGateway(plan.kubeGateway),
  'kube-dead-cluster': () => measureKubeDeadCluster(plan.kubeDeadCluster),
  'kube-recovery': () => measureKubeRecovery(plan.kubeRecovery),
  'kube-hooks': () => measureKubeHooks(plan.kubeHooks),
  'kube-memory': () => measureKubeMemory(plan.kubeMemory),
  'plugin-install': () => measurePluginInstall(plan.pluginInstall),
  'dashboard-frames': () => measureDashboardFrames(plan.dashboardFrames),
};

const footnote = [
  'Rows for streams and for two replicas on Redis come with those parts of the protocol.',
  ...(values.quick ? ['This was a quick run: its figures mean nothing.'] : []),
  'A row without a bar only informs. Ratios are medians of ratios of rounds that ran side by side.',
].join('\n');

const names = values.only?.split(',') ?? Object.keys(measures);
const machine = describeMachine();
const startedAt = new Date().toISOString();
const rows: Row[] = [];
for (const name of names) {
  const measure = measures[name];
  if (measure === undefined) throw new TypeError(`expected one of ${Object.keys(measures).join(', ')}; got ${name}`);
  process.stderr.write(`${name} …\n`);
  rows.push(...(await measure()));
}

mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify({ startedAt, quick: values.quick, machine, plan, rows }, undefined, 2)}\n`);
const notes = rows.flatMap(({ id, note }) => (note === undefined ? [] : [`${id}: ${note}`]));
process.stdout.write(`${formatTable(rows)}\n\n${[...notes, footnote].join('\n')}\n`);
const missed = rows.filter((row) => row.met === false);
if (missed.length > 0) process.stdout.write(`\nNot met: ${missed.map((row) => row.id).join(', ')}\n`);
if (values.check && missed.length > 0) process.exitCode = 1;
