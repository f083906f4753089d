import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import type { Release } from '@fleetwire/plugin-manager';
import { changesByKind } from './update-list.ts';

/** What the publisher says is new in a version. */
export function Changes({ changes }: { readonly changes: Release['changes'] }): ReactElement {
  const groups = changesByKind(changes);
  if (groups.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The publisher does not say what changes.
      </Text>
    );
  }
  return (
    <dl className="fw-changes">
      {groups.map(({ heading, descriptions }) => (
        <div key={heading}>
          <dt data-kind={heading}>{heading}</dt>
          <dd>
            <ul>
              {descriptions.map((description, index) => (
                <li key={`${String(index)} ${description}`}>{description}</li>
              ))}
            </ul>
          </dd>
        </div>
      ))}
    </dl>
  );
}
