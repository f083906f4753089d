import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, keymap, lineNumbers, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Colours come from the theme's variables, so that both themes share one style. */
const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--fw-code-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--fw-code-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], color: 'var(--fw-code-value)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
]);

const look = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'var(--fw-surface)' },
  '&.cm-focused': { outline: '2px solid var(--fw-line)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--fw-surface)',
    color: 'var(--mantine-color-dimmed)',
    borderRight: '1px solid var(--fw-border)',
  },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--fw-flash) !important' },
  '.cm-panels': { backgroundColor: 'var(--fw-bg)', color: 'inherit' },
  '.cm-fw-bad-line': { backgroundColor: 'var(--fw-bad-bg)' },
});

/** Marks a line (from 1) as the one that is wrong; undefined takes the mark away. */
export const markBadLine = StateEffect.define<number | undefined>();

const badLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(markBadLine)) continue;
      const { value } = effect;
      const { doc } = transaction.state;
      if (value === undefined || value > doc.lines) return Decoration.none;
      return Decoration.set([Decoration.line({ class: 'cm-fw-bad-line' }).range(doc.line(value).from)]);
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** What every YAML view has. */
export const yamlView: Extension = [
  lineNumbers(),
  foldGutter(),
  drawSelection(),
  yaml(),
  syntaxHighlighting(highlight),
  highlightSelectionMatches(),
  look,
  badLine,
];

/** What an editor has on top. Escape gives the focus back, since Tab indents (WCAG 2.2, 2.1.2). */
export const yamlEditing: Extension = [
  history(),
  indentOnInput(),
  bracketMatching(),
  keymap.of([
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    indentWithTab,
    // Last, so that a search that is open closes first.
    {
      key: 'Escape',
      run: (view) => {
        view.contentDOM.blur();
        return true;
      },
    },
  ]),
];
