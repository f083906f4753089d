import process from 'node:process';

/** Whether a program that a test needs and the machine does not have is a failure: `CI=true` or `REQUIRE_ALL=1`. */
export function isEverythingRequired(environment: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return environment['CI'] === 'true' || environment['REQUIRE_ALL'] === '1';
}
