import { describe, expect, it } from 'vitest';
import { KubeconfigTextError, readKubeconfigText } from './kubeconfig-text.ts';

const problemOf = (text: string): string => {
  try {
    readKubeconfigText(text);
  } catch (error) {
    if (error instanceof KubeconfigTextError) return error.message;
    throw error;
  }
  return 'none';
};

describe('the text of a kubeconfig', () => {
  it('is YAML or JSON', () => {
    expect(readKubeconfigText('contexts:\n- {name: a}\n# end\n')).toEqual({ contexts: [{ name: 'a' }] });
    expect(readKubeconfigText('{"contexts": [{"name": "a"}]}')).toEqual({ contexts: [{ name: 'a' }] });
    expect(readKubeconfigText('---\nkind: Config\n...\n')).toEqual({ kind: 'Config' });
    expect(readKubeconfigText('')).toBeNull();
  });

  it.each([
    ['a: 1\nb: [hush', 'line 2: expected YAML or JSON, got something else (BAD_INDENT)'],
    ['a: hush\n---\nb: 1', 'line 2: expected one document, got another one'],
    ['a: 1\nb: 2\na: hush', 'line 3: expected each key once, got one twice'],
    ['{"a": 1, "a": "hush"}', 'line 1: expected each key once, got one twice'],
    ['a: {1: x, "1": hush}', 'line 1: expected each key once, got one twice'],
    ['a: &hush x\nb: *hush', 'line 2: expected no alias of YAML, got one'],
    ['a: &hush {x: 1}\nb:\n  <<: *hush', 'line 3: expected no alias of YAML, got one'],
    ['? [hush]\n: 1', 'expected keys that are texts, got others'],
  ])('that is %j is refused by line, without a word of it', (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it('gives no key that every object has', () => {
    const value = readKubeconfigText('__proto__: {contexts: []}\nconstructor: 1') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect('contexts' in value).toBe(false);
  });

  it('is refused where it is nested without end, and read where it has many keys', () => {
    const size = 32 * 1024;
    const filled = (part: string) => part.repeat(Math.floor(size / part.length));
    for (const part of ['[', '{a: ', '- ', '? ', 'a: 1\n'])
      expect([part, problemOf(filled(part))]).not.toEqual([part, 'none']);
    const keys = Array.from({ length: 2_000 }, (_, index) => `k${String(index)}: 1`).join('\n');
    expect(problemOf(keys)).toBe('none');
  });

  it('is refused for its tokens alone, before they are put together', () => {
    const size = 256 * 1024;
    for (const part of ['[', '- [a,', '"a" "b"\n', ' ]\n', '? a\n', '- ', '{a: '])
      expect([part, problemOf(part.repeat(Math.floor(size / part.length)))]).toEqual([
        part,
        'expected at most 20000 tokens of YAML, got more',
      ]);
  });
});
