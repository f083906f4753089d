import { useEffect, useRef } from 'react';
import { ShortcutMap, type Bindings } from './shortcut-map.ts';

const shortcuts = new ShortcutMap();
let users = 0;

/** Keys that go on while they are held. */
const held = new Set(['j', 'k']);

function onKeyDown(event: KeyboardEvent): void {
  // A dialog has its own keys; a composed character is text.
  if (event.defaultPrevented || event.isComposing || (event.repeat && !held.has(event.key))) return;
  const isInDialog = document.querySelector('[role=dialog][aria-modal=true]') !== null;
  const mod = event.ctrlKey || event.metaKey;
  if (isInDialog && !mod) return;
  const { target } = event;
  const isTyping =
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select'));
  const press = { key: event.key, mod, alt: event.altKey, at: event.timeStamp, isTyping };
  if (shortcuts.press(press)) event.preventDefault();
}

/** Binds keys while the component is mounted; what they do may be new at each render. */
export function useShortcuts(bindings: Bindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  const names = Object.keys(bindings).join('\n');
  useEffect(() => {
    const bound = Object.fromEntries(
      names.split('\n').map((name) => [
        name,
        () => {
          latest.current[name]?.();
        },
      ]),
    );
    const unbind = shortcuts.bind(bound);
    if (users === 0) addEventListener('keydown', onKeyDown);
    users += 1;
    return () => {
      unbind();
      users -= 1;
      if (users === 0) removeEventListener('keydown', onKeyDown);
    };
  }, [names]);
}
