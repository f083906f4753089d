import type { Random } from './random.ts';
import type { Container, PodSpec } from './views.ts';

/** What becomes of a container: the cluster runs no programs, so the image and the command decide. */
export interface ContainerPlan {
  /** Whether the image can be pulled: not from a host below `.invalid` (RFC 6761), nor with `missing` in its tag. */
  readonly isPullable: boolean;
  /** When and how it ends by itself; absent where it runs until it is stopped. */
  readonly exit?: { readonly afterMs: number; readonly code: number } | undefined;
}

/** Whether an image's name says that there is no such image. */
function isPullable(image: string): boolean {
  const host = image.slice(0, Math.max(0, image.indexOf('/'))).split(':')[0] ?? '';
  const tag = image.slice(image.lastIndexOf('/') + 1);
  return !host.endsWith('.invalid') && !/:.*missing/.test(tag);
}

/**
 * Reads a container's command: `sleep 5` ends after five seconds, `exit 3` and `false` fail, and what says neither
 * runs for ever, or for a few seconds where the pod is not restarted.
 */
export function planContainer(spec: PodSpec, container: Container, random: Random): ContainerPlan {
  const command = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
  const sleep = /\bsleep (\d+(?:\.\d+)?)/.exec(command)?.[1];
  const exit = /\bexit (\d+)/.exec(command)?.[1];
  const code = exit === undefined ? (/(^| )false$/.test(command) ? 1 : 0) : Number(exit);
  const isEndless = (spec.restartPolicy ?? 'Always') === 'Always' && sleep === undefined && exit === undefined;
  const plan = { isPullable: isPullable(container.image) };
  if (/\bsleep infinity/.test(command) || (isEndless && code === 0)) return plan;
  const afterMs = sleep === undefined ? random.between(1_000, 3_000) : Number(sleep) * 1_000;
  return { ...plan, exit: { afterMs, code } };
}
