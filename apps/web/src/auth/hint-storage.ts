/** Where hints are kept; `localStorage` fits. */
export type HintStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A storage of the browser; undefined where it is forbidden, which a browser says by throwing. */
export function findStorage(find: () => HintStorage): HintStorage | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** A storage that never throws. */
export interface PatientStorage extends HintStorage {
  /** Whether what is kept under a key would be there for the next page; what it holds, another tab may write meanwhile. */
  canKeep(key: string): boolean;
}

/**
 * A storage that never throws. What it has no room for, or may not hold any more, is kept in memory: it is known to this
 * page alone, until another one keeps something there.
 */
export function patientStorage(storage: HintStorage): PatientStorage {
  const unkept = new Map<string, string>();
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch {
      return undefined;
    }
  };
  return {
    canKeep: (key) =>
      attempt(() => {
        storage.setItem(`${key}.probe`, '1');
        storage.removeItem(`${key}.probe`);
        return true;
      }) ?? false,
    getItem: (key) => attempt(() => storage.getItem(key)) ?? unkept.get(key) ?? null,
    setItem(key, value) {
      // Before, so that what cannot be replaced is not taken for what is to stand.
      this.removeItem(key);
      attempt(() => {
        unkept.set(key, value);
        storage.setItem(key, value);
        unkept.delete(key);
      });
    },
    removeItem(key) {
      unkept.delete(key);
      attempt(() => {
        storage.removeItem(key);
      });
    },
  };
}
