import type { ReactElement } from 'react';
import { Text, Title } from '@mantine/core';
import { watchedKinds } from '../../kube/trouble.ts';
import { Ago } from '../../ui/Ago.tsx';
import { formatCount } from '../../ui/format.ts';
import { LoadingRows, StateView } from '../../ui/StateViews.tsx';
import { fleetProblems, whatIsUnknown, type FleetProblem } from './fleet-problems.ts';
import { FleetItem } from './FleetItem.tsx';
import type { Fleet } from './use-fleet.ts';

/** The newest; a page of them is as many as one can do something about. */
const maxShown = 50;

/** What is in trouble, the newest first, each with a link to its page. */
export function TroubleList({ fleet }: { readonly fleet: Fleet }): ReactElement {
  const { troubled, isLooking, targets } = fleet;
  const problems = fleetProblems(targets);
  const isStale = targets.some((target) => target.isStale);
  const more = troubled.length - maxShown;
  const unknowns = whatIsUnknown(fleet);
  return (
    <section className="fw-card" data-stale={isStale} aria-busy={isLooking} data-testid="troubles">
      <Title order={2} size="h5" mb={6}>
        In trouble, newest first
      </Title>
      {problems.length === 0 ? null : <Problems problems={problems} />}
      {troubled.length > 0 ? (
        <>
          <ul className="fw-events fw-troubles">
            {troubled.slice(0, maxShown).map(({ key, kind, message, since, ...object }) => (
              <FleetItem
                key={key}
                {...object}
                kind={watchedKinds[kind].kind}
                resource={watchedKinds[kind].resource}
                tone="bad"
                remarks={[message]}
                at={since}
              />
            ))}
          </ul>
          {more <= 0 && unknowns.length === 0 ? null : (
            <Text size="sm" c="dimmed" mt={8} className="fw-numbers" data-testid="more">
              {[...(more > 0 ? [`And ${formatCount(more)} more.`] : []), ...unknowns].join(' ')}
            </Text>
          )}
        </>
      ) : isLooking ? (
        <LoadingRows rows={3} label="Looking for what is in trouble" />
      ) : targets.length > 0 && targets.every(({ error }) => error !== undefined) ? (
        <StateView kind={problems.every(({ isDenied }) => isDenied) ? 'denied' : 'error'} title="Nothing can be seen">
          No cluster tells how it does.
        </StateView>
      ) : (
        <StateView
          kind="empty"
          icon={unknowns.length === 0 ? 'check' : 'search'}
          title={unknowns.length === 0 ? 'Nothing is in trouble' : 'No trouble is known, but not all is seen'}
        >
          {unknowns.length === 0
            ? 'Pods that crash, wait or do not get ready, controllers that lack pods, nodes that are not ready and jobs that failed show here at once.'
            : unknowns.join(' ')}
        </StateView>
      )}
    </section>
  );
}

/** Problems that are told one by one; the rest is counted. */
const maxProblems = 5;

function Problems({ problems }: { readonly problems: readonly FleetProblem[] }): ReactElement {
  return (
    <div className="fw-notice" data-tone="busy" role="status" data-testid="fleet-problems">
      <div>
        {problems.slice(0, maxProblems).map(({ cluster, message, isDenied, staleSince }) => (
          <div key={`${cluster}\n${message}`}>
            <strong>{cluster}</strong> {isDenied ? `You may not see a part: ${message}` : message}
            {staleSince === undefined ? null : (
              <>
                ; shown as it was <Ago at={staleSince} />
              </>
            )}
          </div>
        ))}
        {problems.length > maxProblems ? <div>and {problems.length - maxProblems} more</div> : null}
      </div>
    </div>
  );
}
