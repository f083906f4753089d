/** A part of a README as the worker hands it over: a text, or an element with no more of its own than the page shows. */
export type ReadmeNode = string | ReadmeElement;

/** An element of a README. */
export interface ReadmeElement {
  /** Name in HTML, one of those that the page shows. */
  readonly tag: string;
  readonly children: readonly ReadmeNode[];
  /** Where a link leads: an address of the web. */
  readonly href?: string | undefined;
  /** What stands for an image. */
  readonly alt?: string | undefined;
  /** The first number of a list. */
  readonly start?: number | undefined;
  /** Of a cell. */
  readonly align?: 'left' | 'center' | 'right' | undefined;
  /** Of a list of tasks. */
  readonly isChecked?: boolean | undefined;
}

/** What the worker says: that it has come, then what became of the text; undefined for what is not set. */
export type ReadmeAnswer =
  { readonly type: 'ready' } | { readonly type: 'parsed'; readonly nodes: readonly ReadmeNode[] | undefined };
