import type { ReactElement } from 'react';
import { Button, Group, Text } from '@mantine/core';
import { formatCount } from '../../../ui/format.ts';
import { pageCount } from '../plugins-search.ts';

/** How many results there are, and the ways to those before and after. */
export function CatalogPages(props: {
  readonly page: number;
  readonly total: number;
  readonly isLast: boolean;
  readonly hasOneSource: boolean;
  readonly onPage: (page: number) => void;
}): ReactElement {
  const { page, total, isLast, hasOneSource, onPage } = props;
  const isAlone = isLast && page === 1;
  return (
    <Group justify="space-between" component="nav" aria-label="Pages of the catalog" className="fw-numbers">
      <Text size="sm" c="dimmed" role="status" data-testid="total">
        {total === 1 ? '1 plugin' : `${formatCount(total)} plugins`}
        {isAlone ? '' : `, page ${String(page)}${hasOneSource ? ` of ${String(pageCount(total))}` : ''}`}
      </Text>
      {isAlone ? null : (
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            disabled={page <= 1}
            onClick={() => {
              onPage(page - 1);
            }}
          >
            Previous
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={isLast}
            onClick={() => {
              onPage(page + 1);
            }}
          >
            Next
          </Button>
        </Group>
      )}
    </Group>
  );
}
