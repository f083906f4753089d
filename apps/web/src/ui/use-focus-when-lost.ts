import { useEffect, useRef, type RefObject } from 'react';

/** A dialog that closes gives the focus back a moment later, to what may be gone by then. */
const settledMs = 150;

/**
 * The focus does not go astray with the element that has it: after `change` is another, it goes to the element of the ref
 * if nothing has it. That element needs a `tabIndex`.
 */
export function useFocusWhenLost<T extends HTMLElement>(change: unknown): RefObject<T | null> {
  const ref = useRef<T>(null);
  const before = useRef(change);
  useEffect(() => {
    if (before.current === change) return undefined;
    before.current = change;
    const look = (): void => {
      if (document.activeElement === null || document.activeElement === document.body) ref.current?.focus();
    };
    look();
    const timer = setTimeout(look, settledMs);
    return () => {
      clearTimeout(timer);
    };
  }, [change]);
  return ref;
}
