/** What plugins are checked against; there is no default, so that no check is left out by mistake. */
export interface PluginHost {
  /** `fleetwire`. */
  readonly product: string;
  /** Semantic Versioning 2.0.0. */
  readonly version: string;
  /** `app`, `web`, `in-cluster`, …: what `distro-compat` names. */
  readonly distro: string;
  /** Version of the plugin SDK that the dashboard has (Semantic Versioning 2.0.0), for `engines["fleetwire-sdk"]`. */
  readonly sdkVersion: string;
  readonly compat?: {
    /** The level of Headlamp's plugin API that the host has; absent: not checked, and said so. */
    readonly headlamp?: string | undefined;
  };
}
