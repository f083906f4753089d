import { useEffect, useState } from 'react';

/** What is being typed into a field whose value lives elsewhere. */
export interface Draft {
  /** What the field shows. */
  readonly text: string;
  readonly type: (text: string) => void;
  /** Hands over now what was typed, if it is allowed to go. */
  readonly commit: () => void;
  /** Drops what was typed. */
  readonly reset: () => void;
}

/**
 * Holds a field's text while somebody types, so that the field never lags, and hands it over once it has been the same
 * for `settleMs`. `mayGo` holds back what is not well formed.
 */
export function useDraft(
  value: string,
  onCommit: (text: string) => void,
  settleMs: number,
  mayGo: (text: string) => boolean = () => true,
): Draft {
  const [draft, setDraft] = useState<{ readonly text: string; readonly from: string }>();
  // When the value changed by other means (back, a saved view), what was typed is void.
  const isOpen = draft !== undefined && (draft.from === value || draft.text === value);
  const text = isOpen ? draft.text : value;
  const commit = (): void => {
    if (text !== value && mayGo(text)) onCommit(text);
  };
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(commit, settleMs);
    return () => {
      clearTimeout(timer);
    };
  });
  return {
    text,
    commit,
    type: (next) => {
      setDraft({ text: next, from: value });
    },
    reset: () => {
      setDraft(undefined);
    },
  };
}
