/** One fenced block of a document. */
export interface Snippet {
  readonly language: string;
  /** From `title="…"` after the language; undefined where there is none. */
  readonly file: string | undefined;
  readonly text: string;
}

/** The fenced blocks of a Markdown document, in their order. */
export function snippetsOf(markdown: string): Snippet[] {
  const fences = markdown.matchAll(/^```(\w+)(?: title="([^"]+)")?\n([\s\S]*?)^```$/gm);
  return [...fences].map(([, language = '', file, text = '']) => ({ language, file, text }));
}
