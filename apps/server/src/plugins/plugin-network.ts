import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readProxyUrl, type FetcherOptions } from '@fleetwire/plugin-manager/node';
import { ConfigError, configKeys, type Config } from '../config/schema.ts';

type Network = Pick<FetcherOptions, 'proxy' | 'proxyName' | 'noProxy' | 'ca'>;

/**
 * How catalogs and archives are reached: the authorities of the configuration, and its proxy, else the one of all programs
 * with its exceptions. Throws a {@link ConfigError} that names file or variable.
 */
export function readPluginNetwork({
  pluginCa: path,
  ...config
}: Pick<Config, 'pluginProxy' | 'httpsProxy' | 'noProxy' | 'pluginCa'>): Network {
  const proxy = proxyOf(config);
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

function proxyOf({
  pluginProxy,
  httpsProxy,
  noProxy,
}: Pick<Config, 'pluginProxy' | 'httpsProxy' | 'noProxy'>): Network {
  if (pluginProxy !== undefined) return { proxy: pluginProxy, proxyName: 'pluginProxy' };
  if (httpsProxy === undefined || noProxy?.trim() === '*') return {};
  const proxy = readProxyUrl(httpsProxy);
  if (proxy !== undefined) return { proxy, proxyName: 'HTTPS_PROXY', noProxy };
  const { expects = '' } = configKeys.find(({ name }) => name === 'httpsProxy') ?? {};
  // It may hold a password, so it is not shown.
  throw new ConfigError([
    `HTTPS_PROXY (or https_proxy): expected ${expects}, got another value; FLEETWIRE_PLUGIN_PROXY or NO_PROXY=* take its place`,
  ]);
}
