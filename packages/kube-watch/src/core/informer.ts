import type { KubeObject } from '../protocol/kube-object.ts';
import type { StoreChange } from './object-store.ts';
import { createReflector } from './reflector.ts';
import type { Reflector, ReflectorOptions } from './reflector-options.ts';

/** What an informer reads, and whom it tells. A listener that throws is reported to `onError` and stops nothing. */
export interface InformerOptions<T extends KubeObject = KubeObject> extends Omit<
  ReflectorOptions<T>,
  'onObjectChange'
> {
  readonly onAdd?: ((object: T) => void) | undefined;
  readonly onUpdate?: ((object: T, previous: T) => void) | undefined;
  /** With the last state that was seen. */
  readonly onDelete?: ((object: T) => void) | undefined;
  /** Once, when the first list is in and its objects were told to `onAdd`. */
  readonly onSync?: (() => void) | undefined;
}

/**
 * A reflector that tells of each object, as client-go's informers do: added, updated and deleted, also for what a list
 * after a gap finds changed. Another uid under the same name is a deletion and an addition.
 */
export function createInformer<T extends KubeObject = KubeObject>(options: InformerOptions<T>): Reflector<T> {
  const { onAdd, onUpdate, onDelete, onSync, onChange, ...rest } = options;
  let isSynced = false;
  const reflector: Reflector<T> = createReflector<T>({
    ...rest,
    onObjectChange(change: StoreChange<T>) {
      if (change.type === 'added') onAdd?.(change.object);
      else if (change.type === 'modified') onUpdate?.(change.object, change.previous);
      else onDelete?.(change.object);
    },
    onChange() {
      try {
        onChange?.();
      } finally {
        if (!isSynced && reflector.state.isSynced) {
          isSynced = true;
          onSync?.();
        }
      }
    },
  });
  return reflector;
}
