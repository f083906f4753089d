import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FetcherOptions } from '@fleetwire/plugin-manager/node';
import { ConfigError, type Config } from '../config/schema.ts';

/**
 * How catalogs and archives are reached: the proxy and the authorities of the configuration. Variables such as
 * `HTTPS_PROXY` do not count, so that what the server sends where is read in one place. Throws a {@link ConfigError} that
 * names file and key.
 */
export function readPluginNetwork({
  pluginProxy: proxy,
  pluginCa: path,
}: Pick<Config, 'pluginProxy' | 'pluginCa'>): Pick<FetcherOptions, 'proxy' | 'ca'> {
  if (path === undefined) return { proxy };
  try {
    const ca = readFileSync(path, 'utf8');
    const certificates = ca.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs);
    if (certificates === null) throw new Error('none');
    for (const certificate of certificates) new X509Certificate(certificate);
    return { proxy, ca };
  } catch (error) {
    throw new ConfigError([
      `pluginCa: ${path}: expected a PEM file with certificates, got ${(error as Error).message}`,
    ]);
  }
}
