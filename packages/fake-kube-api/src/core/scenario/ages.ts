import type { Random } from './random.ts';
import type { ResourceKey } from './resource-ids.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Range = readonly [leastMs: number, mostMs: number];

/** What is installed into a cluster: days. */
const INSTALLED: Range = [4 * DAY_MS, 13 * DAY_MS];
/** The ranges do not overlap where one thing makes another, so that nothing is older than its owner. */
const RANGES: Partial<Readonly<Record<ResourceKey, Range>>> = {
  namespaces: [60 * DAY_MS, 61 * DAY_MS],
  storageClasses: [60 * DAY_MS, 61 * DAY_MS],
  nodes: [15 * DAY_MS, 42 * DAY_MS],
  leases: [14 * DAY_MS, 15 * DAY_MS],
  claims: [84 * HOUR_MS, 96 * HOUR_MS],
  volumes: [72 * HOUR_MS, 84 * HOUR_MS],
  replicaSets: [DAY_MS, 3 * DAY_MS],
  revisions: [DAY_MS, 3 * DAY_MS],
  endpoints: [DAY_MS, 3 * DAY_MS],
  endpointSlices: [DAY_MS, 3 * DAY_MS],
  pods: [HOUR_MS, 20 * HOUR_MS],
};

/** The age, in milliseconds, that an object of this type has in a cluster that has been in use for a while. */
export function ageOf(resource: ResourceKey, random: Random): number {
  return random.between(...(RANGES[resource] ?? INSTALLED));
}
