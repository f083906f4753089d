import { useState, type ReactElement } from 'react';
import { Button, Combobox, useCombobox } from '@mantine/core';
import { Icon, type IconName } from './icons.tsx';

/** Enough to look through; a few characters find the rest. */
const maxListed = 100;

/** Picks any of a list of names; none picked means all of them. */
export function PickerMenu(props: {
  /** What is picked, in the plural: `namespaces`. */
  readonly noun: string;
  readonly icon: IconName;
  readonly names: readonly string[];
  readonly picked: readonly string[];
  readonly onChange: (picked: readonly string[]) => void;
  /** Lets a name be picked that is not in the list, for who may not list them. */
  readonly allowsOther?: boolean;
}): ReactElement {
  const { noun, icon, names, picked, onChange, allowsOther = false } = props;
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
  const word = query.trim().toLowerCase();
  const known = [...picked.filter((name) => !names.includes(name)), ...names];
  const matching = known.filter((name) => name.toLowerCase().includes(word));
  const other = allowsOther && word !== '' && !known.includes(word) ? word : undefined;
  const label =
    picked.length === 0 ? `All ${noun}` : picked.length === 1 ? picked[0] : `${String(picked.length)} ${noun}`;

  const submit = (value: string): void => {
    if (value === '') {
      onChange([]);
      combobox.closeDropdown();
    } else {
      onChange(picked.includes(value) ? picked.filter((name) => name !== value) : [...picked, value]);
    }
  };
  return (
    <Combobox store={combobox} width={280} position="bottom-start" onOptionSubmit={submit}>
      <Combobox.Target withAriaAttributes={false}>
        <Button
          variant="default"
          size="sm"
          className="fw-picker"
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          aria-label={`${label ?? ''}, pick ${noun}`}
          leftSection={<Icon name={icon} size={16} />}
          rightSection={<Icon name="chevron" size={14} />}
          onClick={() => {
            combobox.toggleDropdown();
          }}
        >
          {label}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={query}
          placeholder={`Find ${noun}`}
          aria-label={`Find ${noun}`}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            combobox.updateSelectedOptionIndex();
          }}
        />
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }} aria-label={noun}>
          {word === '' ? <PickerOption value="" isPicked={picked.length === 0} label={`All ${noun}`} /> : null}
          {matching.slice(0, maxListed).map((name) => (
            <PickerOption key={name} value={name} isPicked={picked.includes(name)} label={name} />
          ))}
          {other === undefined ? null : <PickerOption value={other} isPicked={false} label={`Use “${other}”`} />}
          {matching.length === 0 && other === undefined ? <Combobox.Empty>Nothing fits</Combobox.Empty> : null}
          {matching.length > maxListed ? (
            <Combobox.Empty>{matching.length - maxListed} more, type to find them</Combobox.Empty>
          ) : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function PickerOption(props: { readonly value: string; readonly isPicked: boolean; readonly label: string }) {
  const { value, isPicked, label } = props;
  return (
    <Combobox.Option value={value} active={isPicked} className="fw-picker-option">
      <span className="fw-check">{isPicked ? <Icon name="check" size={14} /> : null}</span>
      <span className="fw-nav-name">{label}</span>
    </Combobox.Option>
  );
}
