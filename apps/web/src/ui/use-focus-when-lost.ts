import { useEffect, useRef, type RefObject } from 'react';

/** A dialog that closes gives the focus back a moment later, to what may be gone by then. */
const settledMs = 150;

/**
 * The focus does not go astray with the element that has it: after `change` is another, it goes to the element of the ref
 * if what had it last is gone and nothing has it. That element needs a `tabIndex`.
 */
export function useFocusWhenLost<T extends HTMLElement>(change: unknown): RefObject<T | null> {
  const ref = useRef<T>(null);
  const last = useRef<Element>(undefined);
  const before = useRef(change);
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent): void => {
      last.current = target instanceof Element ? target : undefined;
    };
    document.addEventListener('focusin', onFocus);
    return () => {
      document.removeEventListener('focusin', onFocus);
    };
  }, []);
  useEffect(() => {
    if (before.current === change) return undefined;
    before.current = change;
    const look = (): void => {
      const isLost = document.activeElement === null || document.activeElement === document.body;
      const isGone = last.current?.isConnected === false || last.current?.matches(':disabled') === true;
      if (isLost && isGone) ref.current?.focus();
    };
    look();
    const timer = setTimeout(look, settledMs);
    return () => {
      clearTimeout(timer);
    };
  }, [change]);
  return ref;
}
