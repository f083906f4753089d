import { useEffect, useState } from 'react';
import { receiveValue, sendDraft, typeDraft, type DraftState } from './draft.ts';

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
  const [held, setHeld] = useState<DraftState>();
  const draft = receiveValue(held, value);
  if (draft !== held) setHeld(draft);
  const text = draft?.text ?? value;
  const commit = (): void => {
    if (draft === undefined || text === (draft.sent.at(-1) ?? value) || !mayGo(text)) return;
    setHeld(sendDraft(draft));
    onCommit(text);
  };
  useEffect(() => {
    if (draft === undefined) return;
    const timer = setTimeout(commit, settleMs);
    return () => {
      clearTimeout(timer);
    };
  });
  return {
    text,
    commit,
    type: (next) => {
      setHeld(typeDraft(draft, value, next));
    },
    reset: () => {
      setHeld(undefined);
    },
  };
}
