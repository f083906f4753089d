import { describe, expect, it } from 'vitest';
import { expandWords, parseScript } from './shell-words.ts';

const env = new Map([
  ['NAME', 'web'],
  ['EMPTY', ''],
]);

function words(script: string, lastCode = 0): readonly (readonly string[])[] {
  const parsed = parseScript(script);
  if (parsed.kind === 'error') throw new Error(`unexpected ${parsed.unexpected}`);
  return parsed.steps.map((step) => expandWords(step.words, env, lastCode));
}

describe('words', () => {
  it('are separated by blanks, and held together by quotes and backslashes', () => {
    expect(words(`  echo  a "b c" 'd  e' f\\ g "h"i`)).toEqual([['echo', 'a', 'b c', 'd  e', 'f g', 'hi']]);
    expect(words(`echo "" ''`)).toEqual([['echo', '', '']]);
  });

  it('have variables put in, but for those in single quotes', () => {
    expect(words('echo $NAME-${NAME} "$NAME" \'$NAME\' \\$NAME $?', 3)).toEqual([
      ['echo', 'web-web', 'web', '$NAME', '$NAME', '3'],
    ]);
    expect(words('echo $EMPTY $NOTHING "$NOTHING" $')).toEqual([['echo', '', '$']]);
  });

  it('end at a comment', () => {
    expect(words('echo a # b\necho c#d')).toEqual([
      ['echo', 'a'],
      ['echo', 'c#d'],
    ]);
  });
});

describe('lists', () => {
  it('tell what must have become of the command before', () => {
    const parsed = parseScript('a && b || c; d');
    expect(parsed.kind === 'steps' && parsed.steps.map(({ runs }) => runs)).toEqual([
      'always',
      'after-success',
      'after-failure',
      'always',
    ]);
  });

  it.each([
    ['echo a | cat', '|'],
    ['echo a > b', '>'],
    ['echo $(date)', '('],
    ['a &', '&'],
    ['; a', ';'],
    ['&& a', '&&'],
    ['a &&', 'end of input'],
    ["echo 'a", 'end of input'],
  ])('that are not understood are refused: %s', (script, unexpected) => {
    expect(parseScript(script)).toEqual({ kind: 'error', unexpected });
  });
});
