import { expect, test } from 'vitest';
import { planContainer } from './container-plan.ts';
import { createRandom } from './random.ts';

const plan = (
  container: { image?: string; command?: string[]; args?: string[] },
  restartPolicy: 'Always' | 'Never' = 'Always',
) => {
  const full = { name: 'main', image: 'nginx:1.29.0', ...container };
  return planContainer({ containers: [full], restartPolicy }, full, createRandom(1));
};

test.each([
  ['nginx:1.29.0', true],
  ['nginx:1.29.0-missing', false],
  ['registry.invalid/nginx:1.29.0', false],
  ['registry.invalid:5000/nginx', false],
  ['registry.example:5000/missing/nginx:1', true],
])('whether %s can be pulled: %s', (image, isPullable) => {
  expect(plan({ image }).isPullable).toBe(isPullable);
});

test.each([
  [['sh', '-c', 'work; sleep 5'], 5_000, 0],
  [['sleep', '0.5'], 500, 0],
  [['sh', '-c', 'sleep 2; exit 3'], 2_000, 3],
])('%j ends after %i ms with %i', (command, afterMs, code) => {
  expect(plan({ command }).exit).toEqual({ afterMs, code });
});

test('what says nothing of its end runs for ever, or for a few seconds where it is not restarted', () => {
  expect(plan({}).exit).toBeUndefined();
  expect(plan({ command: ['sleep', 'infinity'] }, 'Never').exit).toBeUndefined();
  const { exit } = plan({}, 'Never');
  expect(exit?.code).toBe(0);
  expect(exit?.afterMs).toBeGreaterThanOrEqual(1_000);
});

test('`false` and `exit` fail soon', () => {
  expect(plan({ command: ['false'] }).exit?.code).toBe(1);
  expect(plan({ command: ['sh', '-c'], args: ['exit 7'] }).exit?.code).toBe(7);
});
