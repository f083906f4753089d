import { useSyncExternalStore, type ReactElement } from 'react';
import { Button, Notification } from '@mantine/core';
import { Fence } from '../Fence.tsx';
import { ToastStore, type Toast } from './toast-store.ts';

const store = new ToastStore(() => sessionStorage);

const colours: Readonly<Record<Toast['tone'], string>> = {
  good: 'var(--fw-good)',
  busy: 'var(--fw-busy)',
  bad: 'var(--fw-bad)',
};

/**
 * To be called when an action begins: returns what shows its outcome, unless somebody else is signed in by then, and
 * gives back what closes that.
 * Successes go by themselves after 6 s.
 */
export const beginToasts = store.untilCleared;

/** Lets be said again what was said with this `once`. */
export const forgetToast = store.forget;

/** Closes them all: what one user did is not for the next to read. */
export const clearToasts = store.clear;

/** Where the toasts appear; once in a page. A screen reader hears them as they come. */
export function Toasts(): ReactElement {
  const toasts = useSyncExternalStore(store.subscribe, store.getToasts);
  return (
    <div className="fw-toasts" role="log" aria-label="Results" aria-live="polite">
      {toasts.map((toast) => (
        <Fence key={toast.id} text="Something happened that cannot be shown.">
          <Notification
            role={toast.tone === 'bad' ? 'alert' : 'status'}
            color={colours[toast.tone]}
            title={toast.title}
            loading={toast.tone === 'busy'}
            withBorder
            // The library's grey is too light to read (WCAG 2.2, 1.4.3).
            styles={{ description: { color: 'var(--mantine-color-dimmed)' } }}
            data-testid="toast"
            closeButtonProps={{ 'aria-label': 'Close' }}
            onClose={() => {
              store.close(toast.id);
            }}
          >
            {toast.message}
            {toast.action === undefined ? null : <ToastAction toast={toast} action={toast.action} />}
          </Notification>
        </Fence>
      ))}
    </div>
  );
}

function ToastAction(props: { readonly toast: Toast; readonly action: NonNullable<Toast['action']> }): ReactElement {
  const { toast, action } = props;
  return (
    <Button
      display="block"
      mt={8}
      size="compact-sm"
      variant="default"
      onClick={() => {
        store.close(toast.id);
        action.run();
      }}
    >
      {action.label}
    </Button>
  );
}
