import { homedir } from 'node:os';
import path from 'node:path';

/** Where {@link defaultUserPluginsDir} looks; all by default of this process. */
export interface UserFolderOptions {
  readonly platform?: NodeJS.Platform;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly home?: string;
}

/**
 * The folder of the plugins that a user installs for themselves: `Fleetwire/user-plugins` below `%APPDATA%` on Windows
 * and below `~/Library/Application Support` on macOS; elsewhere `fleetwire/user-plugins` below `$XDG_DATA_HOME`, by
 * default `~/.local/share` (XDG Base Directory Specification 0.8: a relative path in the variable does not count).
 */
export function defaultUserPluginsDir(options: UserFolderOptions = {}): string {
  const { platform = process.platform, environment = process.env, home = homedir() } = options;
  const { isAbsolute, join } = platform === 'win32' ? path.win32 : path.posix;
  const given = (name: string): string | undefined => {
    const value = environment[name];
    return value !== undefined && isAbsolute(value) ? value : undefined;
  };
  switch (platform) {
    case 'win32':
      return join(given('APPDATA') ?? join(home, 'AppData', 'Roaming'), 'Fleetwire', 'user-plugins');
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Fleetwire', 'user-plugins');
    default:
      return join(given('XDG_DATA_HOME') ?? join(home, '.local', 'share'), 'fleetwire', 'user-plugins');
  }
}
