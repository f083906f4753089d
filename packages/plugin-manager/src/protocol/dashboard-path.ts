import * as z from 'zod/mini';
import { partOf } from './comparable-path.ts';

const shape = /^\/(?![/\\])[^\s\\\p{Cc}\p{Cf}\p{Cs}]{0,500}$/u;

/** `.` and `..`, also as the URL standard reads them with `%2e` (https://url.spec.whatwg.org/#single-dot-path-segment). */
const dotSegment = /^(?:\.|%2e){1,2}$/i;

/**
 * A path inside the dashboard, with or without a query and a fragment. What has a scheme or a host is none, so that no
 * link of a plugin runs a script or leaves. Neither is a path with dot segments: without them, `/.//host` is a host.
 */
export const dashboardPathSchema = z.string().check(
  z.regex(shape, 'expected a path that begins with one "/"'),
  z.refine(
    (value: string) =>
      !partOf(value)
        .split('/')
        .some((segment) => dotSegment.test(segment)),
    'expected a path without dot segments',
  ),
);
