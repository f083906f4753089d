import { useEffect, useRef, type ReactElement } from 'react';
import { searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { markBadLine, yamlEditing, yamlView } from './editor-setup.ts';

export interface YamlEditorProps {
  /** The text; while editing only a change of it from outside counts. */
  readonly value: string;
  readonly label: string;
  /** Without it the text is for reading. */
  readonly onChange?: ((value: string) => void) | undefined;
  /** Told whether a part of the text is selected, whenever that changes. */
  readonly onSelect?: ((isSelecting: boolean) => void) | undefined;
  /** Line (from 1) that is wrong. */
  readonly badLine?: number | undefined;
}

/** A YAML text, to read or to edit. */
export function YamlEditor({ value, label, onChange, onSelect, badLine }: YamlEditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const mode = useRef(new Compartment());
  const latest = useRef({ onChange, onSelect });
  useEffect(() => {
    latest.current = { onChange, onSelect };
  });
  const isEditable = onChange !== undefined;

  useEffect(() => {
    if (host.current === null) return;
    const created = new EditorView({
      parent: host.current,
      state: EditorState.create({
        extensions: [
          yamlView,
          mode.current.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
            const isSelecting = !update.state.selection.main.empty;
            if (isSelecting === update.startState.selection.main.empty) latest.current.onSelect?.(isSelecting);
          }),
        ],
      }),
    });
    view.current = created;
    return () => {
      created.destroy();
      view.current = undefined;
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({
      effects: mode.current.reconfigure([
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        isEditable
          ? yamlEditing
          : // Still focusable, to search and to select with the keyboard.
            [EditorState.readOnly.of(true), keymap.of(searchKeymap)],
      ]),
    });
  }, [isEditable, label]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    const { scrollTop } = editor.scrollDOM;
    editor.dispatch({ changes: smallestChange(editor.state.doc.toString(), value) });
    editor.scrollDOM.scrollTop = scrollTop;
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: markBadLine.of(badLine) });
  }, [badLine]);

  return <div ref={host} className="fw-yaml" data-editable={isEditable} />;
}

/** The part in which two texts differ, so that selection and scroll position stay where they are. */
function smallestChange(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from += 1;
  let tail = 0;
  while (tail < shorter - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}
