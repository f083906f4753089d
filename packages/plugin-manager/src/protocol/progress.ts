/** What the `onProgress` of the static `PluginManager` façade is called with. */
export interface PluginProgress {
  readonly type: 'info' | 'success' | 'error';
  readonly message: string;
  /** 0 to 100; never falls within an operation. */
  readonly percentage?: number;
}
