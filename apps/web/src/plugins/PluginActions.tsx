import type { ReactElement } from 'react';
import { Button } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { useContributions } from '@fleetwire/plugin-manager/react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { hasIcon, Icon } from '../ui/icons.tsx';
import { usePluginTitle } from './PluginContent.tsx';
import { useRunContribution } from './use-run-contribution.ts';

/** What plugins let one do with an object. `targets`: the names of its kind. */
export function PluginActions(props: {
  readonly targets: readonly string[];
  readonly target: TargetProps;
  readonly size?: 'xs' | 'sm';
}): ReactElement {
  const actions = useContributions('rowAction', { target: props.targets });
  return (
    <>
      {actions.map((action) => (
        <PluginAction key={action.key} action={action} target={props.target} size={props.size ?? 'sm'} />
      ))}
    </>
  );
}

function PluginAction({
  action,
  target,
  size,
}: {
  readonly action: Registered<'rowAction'>;
  readonly target: TargetProps;
  readonly size: 'xs' | 'sm';
}): ReactElement {
  const run = useRunContribution();
  const name = usePluginTitle(action.pluginId);
  const { title, icon = '' } = action.value;
  return (
    <Button
      size={size}
      variant="default"
      disabled={!isEnabled(action, target)}
      title={`From the plugin ${name}`}
      leftSection={hasIcon(icon) ? <Icon name={icon} size={16} /> : undefined}
      onClick={() => void run(action, target)}
    >
      {title}
    </Button>
  );
}

/** A plugin whose code has not run cannot say; it is asked again when the action runs. */
function isEnabled({ isDeclared, value }: Registered<'rowAction'>, target: TargetProps): boolean {
  if (isDeclared || value.isEnabled === undefined) return true;
  try {
    return value.isEnabled(target);
  } catch {
    return false;
  }
}
