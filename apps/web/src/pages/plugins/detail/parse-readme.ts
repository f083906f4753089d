import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import type { ReadmeElement, ReadmeNode } from './readme-node.ts';
import { safeHref } from './safe-href.ts';

/** Deeper than anybody writes; each level costs the page a level of elements. */
const maxDepth = 40;

/** Elements and texts on the page; a README of 64 KiB has about 2,000. */
const maxNodes = 10_000;

/** Characters of an address; longer ones are no links. */
const maxHrefLength = 2_048;

/** Of everything that is handed over: one definition of an address may be used by thousands of links. */
const maxCharacters = 512 * 1_024;

/** A node of the trees of Markdown and of HTML, as far as it matters here. */
interface TreeNode {
  readonly type: string;
  readonly children?: readonly TreeNode[];
  readonly tagName?: string;
  readonly value?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Of a table: one for each column. */
  readonly align?: readonly unknown[] | null;
}

/** A README is more than the page sets. */
class TooMuch extends Error {}

/**
 * Sets a README: Markdown with GitHub's tables, without HTML of its own. Undefined where that is nested too deeply or
 * comes to too many elements. It takes time that grows faster than the text, so it is for a worker with a deadline; throws
 * a `RangeError` where the text is nested more deeply than the stack allows.
 */
export function parseReadme(text: string): readonly ReadmeNode[] | undefined {
  let nodes: readonly ReadmeNode[] = [];
  const take = () => (tree: TreeNode) => {
    nodes = createConverter()(tree.children ?? []);
    return { type: 'root', children: [] };
  };
  try {
    Markdown({ children: text, remarkPlugins: [remarkGfm, () => refuseTooMuch], rehypePlugins: [take as () => never] });
  } catch (error) {
    if (error instanceof TooMuch) return undefined;
    throw error;
  }
  return nodes;
}

/**
 * Before it becomes HTML, where each row of a table has a cell for every column: a short text may come to millions.
 */
function refuseTooMuch(root: TreeNode): void {
  let count = 0;
  const left: (readonly [node: TreeNode, depth: number])[] = [[root, 0]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [{ type, children = [], align }, depth] = next;
    count += type === 'table' ? children.length * (align?.length ?? 0) : 1;
    if (depth > maxDepth || count > maxNodes) throw new TooMuch();
    for (const child of children) left.push([child, depth + 1]);
  }
}

const shownTags: ReadonlySet<string | undefined> = new Set([
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'hr', 'br', 'em', 'strong', 'del', 'sup'],
  ...['ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'a', 'input', 'img'],
]);

/** Parts of tables, in which a text may not stand. */
const withoutText: ReadonlySet<string> = new Set(['table', 'thead', 'tbody', 'tr']);

/** Leaves of the tree of HTML what the page shows. */
function createConverter(): (nodes: readonly TreeNode[]) => readonly ReadmeNode[] {
  let characters = 0;
  const weigh = (text: string): string => {
    characters += text.length;
    if (characters > maxCharacters) throw new TooMuch();
    return text;
  };
  const convert = (nodes: readonly TreeNode[]): readonly ReadmeNode[] => nodes.flatMap(convertOne);
  const convertOne = ({
    type,
    tagName = '',
    value,
    properties = {},
    children = [],
  }: TreeNode): readonly ReadmeNode[] => {
    if (type === 'text') return [weigh(value ?? '')];
    if (type !== 'element') return [];
    const inner = convert(children);
    if (!shownTags.has(tagName)) return inner;
    const { href, alt, start, align, checked } = properties;
    if (tagName === 'a') {
      const target = typeof href === 'string' && href.length <= maxHrefLength ? safeHref(href) : undefined;
      return target === undefined ? inner : [{ tag: tagName, children: inner, href: weigh(target) }];
    }
    const element: ReadmeElement = {
      tag: tagName,
      children: withoutText.has(tagName) ? inner.filter((node) => typeof node !== 'string') : inner,
      ...(typeof alt === 'string' && { alt: weigh(alt) }),
      ...(typeof start === 'number' && { start }),
      ...((align === 'left' || align === 'center' || align === 'right') && { align }),
      ...(tagName === 'input' && { isChecked: checked === true }),
    };
    return [element];
  };
  return convert;
}
