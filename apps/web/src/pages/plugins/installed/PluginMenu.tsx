import { useRef, useState, type ReactElement } from 'react';
import { ActionIcon, Menu } from '@mantine/core';
import type { PluginSummary } from '@fleetwire/plugin-manager';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { Icon } from '../../../ui/icons.tsx';
import type { PluginVerification } from '../api/plugins-api.ts';
import { usePluginActions } from './use-plugin-actions.ts';
import { VerificationDialog } from './VerificationDialog.tsx';

type Open =
  | { readonly dialog: 'rollback'; readonly version: string }
  | { readonly dialog: 'remove' }
  | { readonly dialog: 'verification'; readonly report: PluginVerification };

/** What can be done to an installed plugin. */
export function PluginMenu(props: {
  readonly plugin: PluginSummary;
  /** What tells it from all others. */
  readonly name: string;
  /** The version that it can be updated to. */
  readonly newVersion: string | undefined;
  /** What it adds, in words; goes with it. */
  readonly adds: string;
}): ReactElement {
  const { plugin, name, newVersion, adds } = props;
  const { id, version, isPinned, previous } = plugin;
  const actions = usePluginActions({ id, name });
  const [open, setOpen] = useState<Open>();
  const ref = useRef<HTMLButtonElement>(null);
  const [before] = previous;
  const close = (): void => {
    setOpen(undefined);
    ref.current?.focus();
  };
  const verify = async (): Promise<void> => {
    const report = await actions.verify();
    if (report?.isIntact === false) setOpen({ dialog: 'verification', report });
  };
  return (
    <>
      <Menu position="bottom-end" width={220} transitionProps={{ duration: 0 }} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon ref={ref} variant="default" size={32} aria-label={`Actions for ${name}`}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {newVersion === undefined || isPinned ? null : (
            <Menu.Item onClick={() => void actions.begin('update')}>Update to {newVersion}</Menu.Item>
          )}
          {before === undefined ? null : (
            <Menu.Item
              onClick={() => {
                setOpen({ dialog: 'rollback', version: before.version });
              }}
            >
              Roll back to {before.version}
            </Menu.Item>
          )}
          <Menu.Item onClick={() => void actions.setPinned(!isPinned)}>
            {isPinned ? 'Let it be updated' : `Pin to ${version}`}
          </Menu.Item>
          <Menu.Item onClick={() => void verify()}>Verify its files</Menu.Item>
          <Menu.Item onClick={() => void actions.begin('repair')}>Repair</Menu.Item>
          <Menu.Divider />
          <Menu.Item
            c="error"
            onClick={() => {
              setOpen({ dialog: 'remove' });
            }}
          >
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open?.dialog === 'rollback' ? (
        <ConfirmDialog
          title="Roll back"
          names={[`${name} ${version} → ${open.version}`]}
          action={`Roll back to ${open.version}`}
          run={() => actions.begin('rollback')}
          onClose={close}
        >
          Every open dashboard changes to it at once. The files are still here, so nothing is downloaded.
        </ConfirmDialog>
      ) : null}
      {open?.dialog === 'remove' ? (
        <ConfirmDialog
          title="Remove plugin"
          names={[
            `${name} ${version}`,
            ...previous.map((each) => `${name} ${each.version}, kept to roll back to`),
            ...(adds === '' ? [] : [`${adds} in every open dashboard`]),
          ]}
          action="Remove"
          isDestructive
          run={() => actions.begin('uninstall')}
          onClose={close}
        >
          It goes from the dashboards of everybody on this server, with:
        </ConfirmDialog>
      ) : null}
      {open?.dialog === 'verification' ? (
        <VerificationDialog
          name={name}
          report={open.report}
          onRepair={() => void actions.begin('repair')}
          onClose={close}
        />
      ) : null}
    </>
  );
}
