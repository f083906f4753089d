import type { ReactElement } from 'react';
import { Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { formatCount } from '../../ui/format.ts';
import { Mark, type Tone } from '../../ui/Mark.tsx';
import type { ListSearch } from '../clusters/list-search.ts';

/** A part of what a card counts; left out where there is none. */
export interface Share {
  readonly label: string;
  readonly count: number | undefined;
  readonly tone: Tone;
  /** The list of them, where there is one. */
  readonly search?: ListSearch;
}

/** A number with what it is made of. */
export function StatCard(props: {
  readonly title: string;
  /** Undefined while it is not known. */
  readonly value: number | undefined;
  readonly shares: readonly Share[];
  readonly isStale: boolean;
  readonly name: string;
  readonly remark?: string | undefined;
}): ReactElement {
  const { title, value, shares, isStale, name, remark } = props;
  return (
    <section className="fw-card fw-stat fw-numbers" data-stale={isStale} data-testid={name}>
      <Text component="h2" size="sm" fw={600} c="dimmed" m={0}>
        {title}
      </Text>
      {value === undefined ? (
        <div role="status" aria-busy="true" aria-label={`Counting ${title.toLowerCase()}`}>
          <Skeleton height={26} width="45%" my={4} />
          <Skeleton height={14} width="80%" mt={8} />
        </div>
      ) : (
        <>
          <div className="fw-value">{formatCount(value)}</div>
          <ul>
            {shares.map(({ label, count, tone, search }) =>
              count === undefined || count === 0 ? null : (
                <li key={label}>
                  <Mark tone={tone}>
                    {search === undefined ? (
                      `${formatCount(count)} ${label}`
                    ) : (
                      <Link className="fw-link" to="/clusters/list" search={search}>
                        {formatCount(count)} {label}
                      </Link>
                    )}
                  </Mark>
                </li>
              ),
            )}
          </ul>
          {remark === undefined ? null : (
            <Text size="xs" c="dimmed">
              {remark}
            </Text>
          )}
        </>
      )}
    </section>
  );
}
