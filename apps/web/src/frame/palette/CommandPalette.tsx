import { useApiResources } from '@fleetwire/kube-watch/react';
import { useContributions, usePlugins } from '@fleetwire/plugin-manager/react';
import { useDeferredValue, useMemo, useState, type KeyboardEvent, type ReactElement } from 'react';
import { Modal } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { discoveredKinds } from '../../kube/discovered-kinds.ts';
import { useNamespaces } from '../../kube/use-namespaces.ts';
import { useClusters } from '../../live/use-clusters.ts';
import { titleOf } from '../../plugins/plugin-title.ts';
import { useRunContribution } from '../../plugins/use-run-contribution.ts';
import { Icon } from '../../ui/icons.tsx';
import { useStored } from '../../ui/use-stored.ts';
import { fuzzyFilter, fuzzyMatch } from './fuzzy-match.ts';
import {
  chosenEntry,
  commandEntries,
  entryIcons,
  maxShownEntries,
  paletteEntries,
  parseRecent,
  recentFirst,
  textOfEntry,
  withRecent,
  type PaletteEntry,
} from './palette-entries.ts';

/** Goes to any page, cluster, resource kind or namespace by a few characters of its name. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const router = useRouter();
  const run = useRunContribution();
  const { clusters = [] } = useClusters();
  const [recent, setRecent] = useStored('recent', parseRecent);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);

  const ready = clusters.filter(({ state }) => state === 'ready').map(({ name }) => name);
  const { byCluster } = useApiResources(ready);
  const namespaces = useNamespaces(ready);
  const kinds = useMemo(() => discoveredKinds(byCluster), [byCluster]);
  const commands = useContributions('command');
  const plugins = usePlugins();
  const nameOf = (pluginId: string): string => {
    const plugin = plugins.find(({ id }) => id === pluginId);
    return plugin === undefined ? pluginId : titleOf(plugin, plugins);
  };
  const places = [...paletteEntries(clusters, kinds, namespaces), ...commandEntries(commands, nameOf)];
  const entries = recentFirst(places, recent);
  const deferred = useDeferredValue(query);
  const shown = fuzzyFilter(deferred, entries, textOfEntry).slice(0, maxShownEntries);
  const index = Math.min(active, shown.length - 1);

  const go = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    setRecent(withRecent(recent, entry.href));
    onClose();
    const command = commands.find(({ key }) => key === entry.href);
    if (command === undefined) router.history.push(entry.href);
    else void run(command);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setActive((index + step + shown.length) % Math.max(1, shown.length));
    else if (event.key === 'Enter') go(chosenEntry(query, entries, { query: deferred, shown, index }));
    else return;
    event.preventDefault();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      attributes={{ content: { 'aria-label': 'Go to' } }}
      transitionProps={{ duration: 0 }}
    >
      <div className="fw-palette">
        <div className="fw-palette-field">
          <Icon name="search" />
          <input
            data-autofocus
            type="text"
            role="combobox"
            aria-label="Go to"
            aria-expanded="true"
            aria-controls="palette-entries"
            aria-activedescendant={shown.length === 0 ? undefined : `palette-${String(index)}`}
            placeholder="Go to a page, cluster, kind or namespace"
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
          />
          <kbd>Esc</kbd>
        </div>
        <div role="listbox" id="palette-entries" aria-label="Places">
          {shown.map((entry, each) => (
            <div
              key={entry.href}
              id={`palette-${String(each)}`}
              role="option"
              aria-selected={each === index}
              ref={each === index ? scrollIntoView : undefined}
              onPointerMove={() => {
                setActive(each);
              }}
              onClick={() => {
                go(entry);
              }}
            >
              <Icon name={entryIcons[entry.kind]} />
              <span>
                <Marked text={entry.title} query={deferred} />
              </span>
              <span className="fw-palette-kind">
                {[entry.kind, entry.from, recent.includes(entry.href) && query === '' ? 'recent' : undefined]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </div>
          ))}
        </div>
        {shown.length === 0 ? <p role="status">Nothing is called “{query}”.</p> : null}
      </div>
    </Modal>
  );
}

function scrollIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

/** A text with the characters marked by which it was found. */
function Marked({ text, query }: { readonly text: string; readonly query: string }): ReactElement {
  const positions = new Set(query.trim() === '' ? [] : (fuzzyMatch(query, text)?.positions ?? []));
  if (positions.size === 0) return <>{text}</>;
  return (
    <>{Array.from(text, (character, index) => (positions.has(index) ? <b key={index}>{character}</b> : character))}</>
  );
}
