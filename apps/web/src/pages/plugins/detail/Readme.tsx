import type { ReactElement } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { safeHref } from './safe-href.ts';

/**
 * The text of a stranger: no HTML of its own, links to the web alone, and no images, since the page takes none from
 * elsewhere. Its headings stand below those of the page.
 */
const components: Components = {
  a: ({ href, children }) => {
    const target = safeHref(href);
    if (target === undefined) return <>{children}</>;
    return (
      <a href={target} target="_blank" rel="noopener noreferrer nofollow" className="fw-link">
        {children}
      </a>
    );
  },
  img: ({ alt }) => (alt === undefined || alt === '' ? null : <span className="fw-image-text">[{alt}]</span>),
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  table: ({ children }) => (
    <div className="fw-scroll" tabIndex={0} role="region" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  // A list of tasks: what is ticked is told in words, too.
  input: ({ checked }) => (
    <input type="checkbox" disabled checked={checked === true} aria-label={checked === true ? 'Done' : 'Not done'} />
  ),
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

/** The README of a plugin. */
export function Readme({ text }: { readonly text: string }): ReactElement {
  return (
    <div className="fw-readme" data-testid="readme">
      <Markdown remarkPlugins={[remarkGfm]} components={components} skipHtml>
        {text}
      </Markdown>
    </div>
  );
}
