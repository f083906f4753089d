import type { ReactElement, Ref } from 'react';
import { CloseButton, TextInput } from '@mantine/core';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import type { ListSearch, ListState } from './list-search.ts';
import { fieldSelectorProblem, labelSelectorProblem } from './selectors.ts';

/** A filter applies once nobody has typed for so long; a selector, which asks the server anew, takes longer. */
const filterSettleMs = 80;
const selectorSettleMs = 400;

/** Narrows a list: by text among the rows that are here, by selectors on the server. */
export function ListFilters(props: {
  readonly ref: Ref<HTMLInputElement>;
  readonly state: ListState;
  readonly onChange: (change: { readonly [K in keyof ListSearch]?: string | undefined }) => void;
}): ReactElement {
  const { ref, state, onChange } = props;
  const filter = useDraft(
    state.filter,
    (q) => {
      onChange({ q });
    },
    filterSettleMs,
  );
  return (
    <div className="fw-filters">
      <TextInput
        ref={ref}
        type="search"
        aria-label="Filter the rows"
        placeholder="Filter the rows"
        leftSection={<Icon name="search" size={16} />}
        rightSection={filter.text === '' ? <kbd>/</kbd> : null}
        value={filter.text}
        spellCheck={false}
        onChange={(event) => {
          filter.type(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') filter.commit();
          if (event.key !== 'Escape') return;
          if (filter.text === '') event.currentTarget.blur();
          filter.type('');
        }}
      />
      <SelectorInput
        label="Labels"
        placeholder="Labels: app=web, tier in (a, b)"
        icon="filter"
        value={state.labelSelector}
        problemOf={labelSelectorProblem}
        onChange={(labels) => {
          onChange({ labels });
        }}
      />
      <SelectorInput
        label="Fields"
        placeholder="Fields: status.phase=Running"
        icon="filter"
        value={state.fieldSelector}
        problemOf={fieldSelectorProblem}
        onChange={(fields) => {
          onChange({ fields });
        }}
      />
    </div>
  );
}

function SelectorInput(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly icon: IconName;
  readonly value: string;
  readonly problemOf: (text: string) => string | undefined;
  readonly onChange: (value: string) => void;
}): ReactElement {
  const { label, placeholder, icon, value, problemOf, onChange } = props;
  const draft = useDraft(value, onChange, selectorSettleMs, (text) => problemOf(text) === undefined);
  return (
    <TextInput
      aria-label={`${label} selector`}
      placeholder={placeholder}
      leftSection={<Icon name={icon} size={16} />}
      rightSection={
        draft.text === '' ? null : (
          <CloseButton
            size="sm"
            aria-label={`Clear the ${label.toLowerCase()} selector`}
            onClick={() => {
              draft.reset();
              onChange('');
            }}
          />
        )
      }
      value={draft.text}
      error={problemOf(draft.text)}
      spellCheck={false}
      autoCapitalize="none"
      onChange={(event) => {
        draft.type(event.currentTarget.value);
      }}
      onBlur={draft.commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') draft.commit();
      }}
    />
  );
}
