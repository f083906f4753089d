/** Most UTF-16 code units of a message of something that was thrown. */
const maxMessageLength = 500;

const withoutText = 'a value without a text';

/** What errors have. Whatever their types say, a plugin sets each. */
interface Said {
  readonly name?: unknown;
  readonly message?: unknown;
  /** Of a `PluginLoadError`: its message without the id of the plugin. */
  readonly reason?: unknown;
}

function textOf(thrown: unknown): unknown {
  const { name, message, reason } = (thrown ?? {}) as Said;
  if (typeof message !== 'string') return thrown instanceof Error ? withoutText : String(thrown);
  if (name === 'FleetwireError' && typeof reason === 'string') return reason;
  return typeof name === 'string' && name !== '' ? `${name}: ${message}` : message;
}

/**
 * The message of whatever was thrown, with the name of its kind; of a `PluginLoadError` its reason. Never throws and is
 * always a string, whatever a plugin threw; 500 characters at most.
 */
export function messageOf(thrown: unknown): string {
  try {
    const text = textOf(thrown);
    if (typeof text !== 'string') return withoutText;
    return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength - 1)}…` : text;
  } catch {
    return withoutText;
  }
}
