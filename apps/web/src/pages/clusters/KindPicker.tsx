import { useMemo, useState, type ReactElement } from 'react';
import { Button, Combobox, useCombobox } from '@mantine/core';
import { useApiResources } from '@fleetwire/kube-watch/react';
import { fuzzyFilter } from '../../frame/palette/fuzzy-match.ts';
import { Icon } from '../../ui/icons.tsx';
import { discoveredKinds } from '../../kube/discovered-kinds.ts';

/** Enough to look through; a few characters find the rest. */
const maxListed = 60;

/** Picks any kind of resource that the clusters have. */
export function KindPicker(props: {
  readonly clusters: readonly string[];
  readonly current: string;
  readonly onPick: (key: string) => void;
}): ReactElement {
  const { clusters, current, onPick } = props;
  const { byCluster } = useApiResources(clusters);
  const kinds = useMemo(() => discoveredKinds(byCluster), [byCluster]);
  const [query, setQuery] = useState('');
  const combobox = useCombobox({
    onDropdownOpen: () => {
      combobox.focusSearchInput();
    },
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setQuery('');
    },
  });
  const matching = fuzzyFilter(query, kinds, ({ title, key, names }) => [title, key, ...names].join(' '));
  return (
    <Combobox
      store={combobox}
      width={320}
      position="bottom-start"
      onOptionSubmit={(key) => {
        combobox.closeDropdown();
        onPick(key);
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <Button
          variant="default"
          size="sm"
          className="fw-picker"
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          leftSection={<Icon name="kind" size={16} />}
          rightSection={<Icon name="chevron" size={14} />}
          onClick={() => {
            combobox.toggleDropdown();
          }}
        >
          Kind
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={query}
          placeholder="Find a kind of resource"
          aria-label="Find a kind of resource"
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            combobox.updateSelectedOptionIndex();
          }}
        />
        <Combobox.Options mah={360} style={{ overflowY: 'auto' }} aria-label="Kinds">
          {matching.slice(0, maxListed).map(({ key, title }) => (
            <Combobox.Option key={key} value={key} active={key === current} className="fw-picker-option">
              <span className="fw-nav-name">{title}</span>
              <span className="fw-palette-kind">{key.replace(/\/?[^/]*$/, '')}</span>
            </Combobox.Option>
          ))}
          {matching.length === 0 ? <Combobox.Empty>Nothing fits</Combobox.Empty> : null}
          {matching.length > maxListed ? (
            <Combobox.Empty>{matching.length - maxListed} more, type to find them</Combobox.Empty>
          ) : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
