import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readProxyUrl, type FetcherOptions } from '@fleetwire/plugin-manager/node';
import type { Logger } from '@fleetwire/websocket-core/server';
import { ConfigError, configKeys, type Config } from '../config/schema.ts';

type Network = Pick<FetcherOptions, 'proxy' | 'proxyName' | 'noProxy' | 'ca'>;

/**
 * How catalogs and archives are reached: the authorities of the configuration, and its proxy, else the one of all programs
 * with its exceptions. Throws a {@link ConfigError} that names file or key. A proxy of all programs that is none is for the
 * log: it fails what would go by it, and not a server that may never be asked for plugins.
 */
export function readPluginNetwork(
  { pluginCa: path, ...config }: Pick<Config, 'pluginProxy' | 'httpsProxy' | 'noProxy' | 'pluginCa'>,
  logger: Pick<Logger, 'warn'>,
): Network {
  const proxy = proxyOf(config, logger);
  if (path === undefined) return proxy;
  try {
    const ca = readFileSync(path, 'utf8');
    const certificates = ca.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs);
    if (certificates === null) throw new Error('none');
    for (const certificate of certificates) new X509Certificate(certificate);
    return { ...proxy, ca };
  } catch (error) {
    throw new ConfigError([
      `pluginCa: ${path}: expected a PEM file with certificates, got ${(error as Error).message}`,
    ]);
  }
}

function proxyOf(
  { pluginProxy, httpsProxy, noProxy }: Pick<Config, 'pluginProxy' | 'httpsProxy' | 'noProxy'>,
  logger: Pick<Logger, 'warn'>,
): Network {
  // A proxy may hold a password, so it is not shown.
  if (pluginProxy !== undefined) {
    const proxy = readProxyUrl(pluginProxy);
    if (proxy !== undefined) return { proxy, proxyName: 'pluginProxy' };
    throw new ConfigError([`pluginProxy: expected ${expectedOf('pluginProxy')}, got another value`]);
  }
  if (httpsProxy === undefined) return {};
  if (readProxyUrl(httpsProxy) === undefined && noProxy?.trim() !== '*') {
    const expected = expectedOf('httpsProxy');
    logger.warn(
      { expected },
      'HTTPS_PROXY (or https_proxy) is no proxy for plugins: catalogs and archives that would go by it cannot be reached; FLEETWIRE_PLUGIN_PROXY or NO_PROXY take its place',
    );
  }
  return { proxy: httpsProxy, proxyName: 'HTTPS_PROXY', noProxy };
}

function expectedOf(key: 'pluginProxy' | 'httpsProxy'): string {
  return configKeys.find(({ name }) => name === key)?.expects ?? '';
}
