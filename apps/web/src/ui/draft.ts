/** What is typed into a field whose value lives elsewhere, and what of it was handed over and has not come back yet. */
export interface DraftState {
  readonly text: string;
  /** The field's value that this stands over. */
  readonly over: string;
  /** Texts that were handed over, oldest first. */
  readonly sent: readonly string[];
}

/** Somebody typed. */
export function typeDraft(draft: DraftState | undefined, value: string, text: string): DraftState {
  return { text, over: value, sent: draft?.sent ?? [] };
}

/** What was typed is handed over. */
export function sendDraft(draft: DraftState): DraftState {
  return { ...draft, sent: [...draft.sent, draft.text] };
}

/**
 * The value is this now. When it is what was handed over, that came back, and what was typed since stands; when it
 * changed by other means (Back, a saved view), what was typed is void.
 */
export function receiveValue(draft: DraftState | undefined, value: string): DraftState | undefined {
  if (draft === undefined || draft.over === value) return draft;
  const echo = draft.sent.indexOf(value);
  if (echo < 0) return undefined;
  const sent = draft.sent.slice(echo + 1);
  return draft.text === value && sent.length === 0 ? undefined : { text: draft.text, over: value, sent };
}
