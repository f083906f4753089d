import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import type { CatalogRelease } from '@fleetwire/plugin-manager';
import { Mark } from '../../ui/Mark.tsx';
import { verdictOf } from './release-verdict.ts';

/** Whether a version can be installed here, what that was judged by, and what nobody checked. */
export function Compatibility({ release }: { readonly release: CatalogRelease }): ReactElement {
  const { checked, notChecked } = release.compatibility;
  const { tone, label, reason } = verdictOf(release);
  return (
    <div className="fw-compat" data-testid="compatibility">
      <Mark tone={tone}>{label}</Mark>
      {reason === undefined ? null : (
        <Text size="sm" className={tone === 'good' ? 'fw-quiet' : 'fw-reason'}>
          {reason}
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
