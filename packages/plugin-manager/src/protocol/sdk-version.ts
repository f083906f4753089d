/** Version of the plugin SDK that this release has (Semantic Versioning 2.0.0): of `PluginSdk` and the contributions. */
export const sdkVersion = '1.0.0';
