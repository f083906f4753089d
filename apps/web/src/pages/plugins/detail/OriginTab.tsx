import type { ReactElement } from 'react';
import { Text, Title } from '@mantine/core';
import type { PluginDetails } from '@fleetwire/plugin-manager';
import { Ago } from '../../../ui/Ago.tsx';
import { DataTable } from '../../../ui/DataTable.tsx';
import { formatBytes, formatCount } from '../../../ui/format.ts';
import { StateView } from '../../../ui/StateViews.tsx';
import { Fact } from '../Fact.tsx';

/** Files that are listed one by one; the rest is counted. */
const maxListed = 200;

/** Who published what is installed, and where each byte of it came from. */
export function OriginTab({ plugin }: { readonly plugin: PluginDetails | undefined }): ReactElement {
  if (plugin === undefined) {
    return (
      <div className="fw-card fw-flush">
        <StateView kind="empty" title="It is not installed">
          Where its bytes came from is known once it is.
        </StateView>
      </div>
    );
  }
  const { publisher, provenance, installedAt, build } = plugin;
  return (
    <>
      <div className="fw-card">
        <dl className="fw-plugin-facts" data-testid="origin">
          <Fact name="Repository">{publisher.repositoryId}</Fact>
          <Fact name="Package">{publisher.packageName}</Fact>
          <Fact name="Pinned key">{publisher.keyId ?? 'None: its first install had no signature'}</Fact>
          <Fact name="Installed">
            <Ago at={installedAt} />
          </Fact>
          <Fact name="Build">
            <code>{build}</code>
          </Fact>
          {provenance === undefined ? null : (
            <>
              <Fact name="Signed by">{provenance.keyId ?? 'Nobody: this version has no signature'}</Fact>
              <Fact name={`Digest, ${provenance.digest.algorithm}`}>
                <code>{provenance.digest.hex}</code>
              </Fact>
              <Fact name="Archive">
                {formatBytes(provenance.archiveBytes)}, SHA-256 <code>{provenance.sha256}</code>
              </Fact>
              {provenance.urlChain !== undefined && (
                <Fact name="Came from">
                  <ol className="fw-chain">
                    {provenance.urlChain.map((url, index) => (
                      <li key={`${String(index)} ${url}`}>{url}</li>
                    ))}
                  </ol>
                </Fact>
              )}
            </>
          )}
        </dl>
      </div>
      {provenance === undefined ? (
        <div className="fw-card fw-flush">
          <StateView kind="error" title="Its receipt cannot be read">
            {plugin.reason ?? 'So nobody can say where its files came from. Repair brings it back.'}
          </StateView>
        </div>
      ) : (
        <section className="fw-card fw-flush" aria-labelledby="files">
          <Title order={2} size="h4" id="files" className="fw-card-title">
            Files{' '}
            <Text span c="dimmed" className="fw-numbers">
              {formatCount(provenance.files.length)}
            </Text>
          </Title>
          <DataTable heads={['Path', 'Size', 'SHA-256']} name="files">
            {provenance.files.slice(0, maxListed).map(({ path, size, sha256 }) => (
              <tr key={path} className="fw-still">
                <td className="fw-anywhere">{path}</td>
                <td>{formatBytes(size)}</td>
                <td className="fw-anywhere fw-digest">
                  <code>{sha256}</code>
                </td>
              </tr>
            ))}
          </DataTable>
          {provenance.files.length > maxListed ? (
            <Text size="sm" c="dimmed" p="md">
              and {formatCount(provenance.files.length - maxListed)} more
            </Text>
          ) : null}
        </section>
      )}
    </>
  );
}
