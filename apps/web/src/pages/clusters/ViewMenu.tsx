import { useState, type ReactElement, type SyntheticEvent } from 'react';
import { ActionIcon, Button, Popover, Stack, Text, TextInput } from '@mantine/core';
import { Icon } from '../../ui/icons.tsx';
import { useStored } from '../../ui/use-stored.ts';
import type { ListSearch } from './list-search.ts';
import { applyView, deleteView, isChanged, parseViews, saveView } from './saved-views.ts';

/** Saves a list's state under a name, applies what was saved, and deletes it. */
export function ViewMenu(props: {
  readonly search: ListSearch;
  readonly onApply: (search: ListSearch) => void;
}): ReactElement {
  const { search, onApply } = props;
  const [views, setViews] = useStored('views', parseViews);
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const current = views.find((view) => view.name === search.view);

  const save = (as: string): void => {
    if (as.trim() === '') return;
    setViews(saveView(views, as, search));
    onApply({ ...search, view: as.trim() });
    setName('');
    setIsOpen(false);
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    save(name);
  };
  const label =
    current === undefined ? 'Views' : isChanged(current, search) ? `${current.name} (changed)` : current.name;
  return (
    <Popover opened={isOpen} onChange={setIsOpen} width={300} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          className="fw-picker"
          leftSection={<Icon name="bookmark" size={16} />}
          onClick={() => {
            setIsOpen(!isOpen);
          }}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved views">
        <Stack gap="sm">
          {views.length === 0 ? (
            <Text size="sm" c="dimmed">
              A view keeps kind, clusters, namespaces, filters, columns and sort under a name.
            </Text>
          ) : (
            <ul className="fw-views">
              {views.map((view) => (
                <li key={view.name}>
                  <button
                    type="button"
                    aria-current={view === current ? 'true' : undefined}
                    onClick={() => {
                      onApply(applyView(view));
                      setIsOpen(false);
                    }}
                  >
                    {view.name}
                  </button>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={26}
                    aria-label={`Delete the view ${view.name}`}
                    onClick={() => {
                      setViews(deleteView(views, view.name));
                    }}
                  >
                    <Icon name="close" size={14} />
                  </ActionIcon>
                </li>
              ))}
            </ul>
          )}
          {current !== undefined && isChanged(current, search) ? (
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                save(current.name);
              }}
            >
              Save the changes of {current.name}
            </Button>
          ) : null}
          <form onSubmit={submit}>
            <TextInput
              label="Save this list as"
              size="sm"
              value={name}
              maxLength={60}
              autoComplete="off"
              data-autofocus
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
              rightSection={
                <ActionIcon type="submit" variant="subtle" aria-label="Save" disabled={name.trim() === ''}>
                  <Icon name="check" size={16} />
                </ActionIcon>
              }
            />
          </form>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
