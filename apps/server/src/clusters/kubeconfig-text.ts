import { isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';

/** A text that is no kubeconfig; the message names the line, and quotes nothing: the text holds credentials. */
export class KubeconfigTextError extends Error {
  override readonly name = 'KubeconfigTextError';
}

/** What a document is made of, punctuation and blanks too; a kubeconfig of 20 contexts has about 600. */
const maxTokens = 20_000;

/**
 * Reads one document of YAML, of which JSON is a part, that somebody sent: without aliases, which could stand for more
 * than memory holds, and without keys that stand twice, of which readers take either. Throws a {@link KubeconfigTextError}.
 */
export function readKubeconfigText(text: string): unknown {
  // To cut a text into tokens takes a few hundredths of a second, to put hundreds of thousands together most of one.
  let tokens = 0;
  for (const _token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > maxTokens)
      throw new KubeconfigTextError(`expected at most ${String(maxTokens)} tokens of YAML, got more`);
  }
  const lines = new LineCounter();
  // The library looks for twins by comparing each key with all before it, which takes seconds for many.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // With less, several documents pass for the first.
    logLevel: 'error',
    schema: 'core',
    uniqueKeys: false,
  });
  const at = (offset = 0): string => `line ${String(lines.linePos(offset).line)}`;
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS')
    throw new KubeconfigTextError(`${at(error.pos[0])}: expected one document, got another one`);
  if (error !== undefined)
    throw new KubeconfigTextError(`${at(error.pos[0])}: expected YAML or JSON, got something else (${error.code})`);
  visit(document, {
    Alias(_key, { range }) {
      throw new KubeconfigTextError(`${at(range?.[0])}: expected no alias of YAML, got one`);
    },
    Map(_key, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) throw new KubeconfigTextError('expected keys that are texts, got others');
        const name = String(key.value);
        if (names.has(name))
          throw new KubeconfigTextError(`${at(key.range?.[0])}: expected each key once, got one twice`);
        names.add(name);
      }
    },
  });
  return document.toJS({ maxAliasCount: 0 }) as unknown;
}
