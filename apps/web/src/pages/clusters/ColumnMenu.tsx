import type { ReactElement } from 'react';
import { ActionIcon, Button, Checkbox, Popover, Stack, Tooltip } from '@mantine/core';
import { PluginTag } from '../../plugins/PluginContent.tsx';
import { Icon } from '../../ui/icons.tsx';
import { shownColumns, toggleColumn, type ListColumn } from './rows/list-columns.ts';

/** Chooses which columns are shown. */
export function ColumnMenu(props: {
  readonly columns: readonly ListColumn[];
  readonly chosen: readonly string[] | undefined;
  readonly onChange: (chosen: readonly string[] | undefined) => void;
}): ReactElement {
  const { columns, chosen, onChange } = props;
  const shown = shownColumns(columns, chosen);
  return (
    <Popover width={240} position="bottom-end" trapFocus>
      <Popover.Target>
        <Tooltip label="Columns">
          <ActionIcon variant="default" size={30} aria-label="Choose columns">
            <Icon name="columns" size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Stack gap={10} mah={360} style={{ overflowY: 'auto' }}>
          {columns.map((column) => (
            <Checkbox
              key={column.id}
              size="sm"
              label={
                column.contribution === undefined ? (
                  column.title
                ) : (
                  <>
                    {column.title} <PluginTag pluginId={column.contribution.pluginId} />
                  </>
                )
              }
              checked={shown.includes(column)}
              disabled={column.id === 'name'}
              onChange={() => {
                onChange(toggleColumn(columns, chosen, column.id));
              }}
            />
          ))}
          {chosen === undefined ? null : (
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                onChange(undefined);
              }}
            >
              Back to the default
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
