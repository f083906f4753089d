import { expect, it } from 'vitest';
import { receiveValue, sendDraft, typeDraft, type DraftState } from './draft.ts';

const typed = (text: string, value = ''): DraftState => typeDraft(undefined, value, text);

it('what is typed while the text before is on its way stays', () => {
  const draft = typeDraft(sendDraft(typed('a')), '', 'ab');
  expect(receiveValue(draft, 'a')).toEqual({ text: 'ab', over: 'a', sent: [] });
});

it('also when several texts are on their way, and the first of them is never seen', () => {
  let draft = sendDraft(typed('a'));
  draft = sendDraft(typeDraft(draft, '', 'ab'));
  draft = typeDraft(draft, '', 'abc');
  expect(receiveValue(draft, 'ab')?.text).toBe('abc');
  expect(receiveValue(receiveValue(draft, 'a'), 'ab')?.text).toBe('abc');
});

it('what came back and was all is no draft any more, so that Back is not undone', () => {
  const sent = sendDraft(typed('a'));
  expect(receiveValue(sent, 'a')).toBeUndefined();
});

it('a value that comes by other means voids what was typed', () => {
  expect(receiveValue(typed('ab', 'a'), 'x')).toBeUndefined();
  const echoed = receiveValue(typeDraft(sendDraft(typed('a')), '', 'ab'), 'a');
  expect(receiveValue(echoed, '')).toBeUndefined();
});

it('a value that stays changes nothing', () => {
  const draft = typed('ab', 'a');
  expect(receiveValue(draft, 'a')).toBe(draft);
});
