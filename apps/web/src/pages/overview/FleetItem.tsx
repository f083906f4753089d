import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import type { KubeResource } from '@fleetwire/kube-watch';
import { objectParams } from '../../kube/resource-key.ts';
import { Ago } from '../../ui/Ago.tsx';
import { ObjectLink } from '../../ui/ObjectLink.tsx';

/** A line about an object of the fleet: which one, what about it, where and since when. */
export function FleetItem(props: {
  readonly tone: 'busy' | 'bad';
  readonly cluster: string;
  /** Undefined for a kind without a page that is known. */
  readonly resource: KubeResource | undefined;
  readonly kind: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly reason: string | undefined;
  /** What else there is to say. */
  readonly remarks: readonly (string | undefined)[];
  /** Milliseconds since 1970. */
  readonly at: number | undefined;
}): ReactElement {
  const { tone, cluster, resource, kind, namespace, name, reason, remarks, at } = props;
  const where = namespace === undefined ? cluster : `${cluster} / ${namespace}`;
  return (
    <li data-tone={tone} data-testid="fleet-item">
      <span className="fw-dot" aria-hidden="true" style={{ animation: 'none' }} />
      <span className="fw-trouble-what">
        <Text span size="sm" c="dimmed">
          {kind}
        </Text>
        {resource === undefined || name === undefined ? (
          name
        ) : (
          <ObjectLink params={objectParams(cluster, resource, namespace, name)} />
        )}
      </span>
      {at === undefined ? <span /> : <Ago at={at} />}
      <p>
        <strong>{reason}</strong>
        {[where, ...remarks].map((text) => (text === undefined ? '' : ` · ${text}`)).join('')}
      </p>
    </li>
  );
}
