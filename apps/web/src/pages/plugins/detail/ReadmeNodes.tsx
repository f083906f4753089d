import { createElement, Fragment, type ReactElement, type ReactNode } from 'react';
import type { ReadmeElement, ReadmeNode } from './readme-node.ts';

/** Headings of a README stand below those of the page. */
const lowered: Readonly<Record<string, string>> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6' };

/**
 * What a README comes to: no HTML of its own, links to the web alone, and no images, since the page takes none from
 * elsewhere.
 */
export function ReadmeNodes({ nodes }: { readonly nodes: readonly ReadmeNode[] }): ReactElement {
  return <>{childrenOf(nodes)}</>;
}

function childrenOf(nodes: readonly ReadmeNode[]): readonly ReactNode[] {
  return nodes.map((node, index) =>
    typeof node === 'string' ? node : <Fragment key={index}>{elementOf(node)}</Fragment>,
  );
}

function elementOf({ tag, children, href, alt, start, align, isChecked }: ReadmeElement): ReactNode {
  switch (tag) {
    case 'a':
      return (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="fw-link">
          {childrenOf(children)}
        </a>
      );
    case 'img':
      return alt === undefined || alt === '' ? null : <span className="fw-image-text">[{alt}]</span>;
    case 'input':
      // A list of tasks: what is ticked is told in words, too.
      return <input type="checkbox" disabled checked={isChecked} aria-label={isChecked ? 'Done' : 'Not done'} />;
    case 'table':
      return (
        <div className="fw-scroll" tabIndex={0} role="region" aria-label="Table">
          <table>{childrenOf(children)}</table>
        </div>
      );
    case 'pre':
      return <pre tabIndex={0}>{childrenOf(children)}</pre>;
    case 'br':
    case 'hr':
      return createElement(tag);
    default: {
      const style = align === undefined ? undefined : { textAlign: align };
      return createElement(lowered[tag] ?? tag, { start, style }, ...childrenOf(children));
    }
  }
}
