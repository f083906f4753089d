import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import type { CatalogRelease } from '@fleetwire/plugin-manager';
import { Mark } from '../../ui/Mark.tsx';

/** Whether a version fits this server, what that was judged by, and what nobody checked. */
export function Compatibility({
  release: { compatibility, denied },
}: {
  readonly release: CatalogRelease;
}): ReactElement {
  const { state, reason, checked, notChecked } = compatibility;
  return (
    <div className="fw-compat" data-testid="compatibility">
      <Mark tone={state === 'compatible' ? 'good' : 'bad'}>
        {state === 'compatible' ? 'Fits this server' : 'Does not fit this server'}
      </Mark>
      {reason === undefined ? null : (
        <Text size="sm" className={state === 'compatible' ? 'fw-quiet' : 'fw-reason'}>
          {reason}
        </Text>
      )}
      {denied === undefined ? null : (
        <Text size="sm" className="fw-reason">
          {denied.message} ({denied.code})
        </Text>
      )}
      <Checks heading="Checked" items={checked} />
      <Checks heading="Not checked" items={notChecked} />
    </div>
  );
}

function Checks({
  heading,
  items,
}: {
  readonly heading: string;
  readonly items: readonly string[];
}): ReactElement | null {
  if (items.length === 0) return null;
  return (
    <div className="fw-checks">
      <Text size="sm" fw={600}>
        {heading}
      </Text>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
