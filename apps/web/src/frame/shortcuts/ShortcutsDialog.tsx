import type { ReactElement } from 'react';
import { Modal } from '@mantine/core';
import { shortcutSections } from './shortcut-list.ts';

const mod = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** Lists the keyboard shortcuts. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keyboard shortcuts"
      size={640}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="fw-shortcuts">
        {shortcutSections.map(({ title, shortcuts }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {shortcuts.map(([keys, meaning]) => (
                <div key={meaning}>
                  <dt>{meaning}</dt>
                  <dd>
                    {keys.map((key, index) => (
                      <span key={key}>
                        {index > 0 ? ' then ' : null}
                        <kbd>{key.replace('mod', mod)}</kbd>
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
