import type { ReactElement } from 'react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { PluginVerification } from '../api/plugins-api.ts';

/** Files that are listed one by one; the rest is counted. */
const maxListed = 50;

/** Says how the files of a plugin differ from its receipt. */
export function VerificationDialog(props: {
  readonly name: string;
  readonly report: PluginVerification;
  readonly onRepair: () => void;
  readonly onClose: () => void;
}): ReactElement {
  const { name, report, onRepair, onClose } = props;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${name} is not intact`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      <Stack gap="md">
        <Text size="sm">
          {report.reason ?? 'Its files are not what was installed. Repair brings back those of the archive.'}
        </Text>
        <Paths heading="Changed" paths={report.changed} />
        <Paths heading="Missing" paths={report.missing} />
        <Paths heading="Not of the plugin" paths={report.unexpected} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            data-autofocus
            onClick={() => {
              onRepair();
              onClose();
            }}
          >
            Repair
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Paths({
  heading,
  paths,
}: {
  readonly heading: string;
  readonly paths: readonly string[];
}): ReactElement | null {
  if (paths.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {heading}
      </Text>
      <ul className="fw-names">
        {paths.slice(0, maxListed).map((path) => (
          <li key={path}>{path}</li>
        ))}
        {paths.length > maxListed ? <li>and {paths.length - maxListed} more</li> : null}
      </ul>
    </div>
  );
}
