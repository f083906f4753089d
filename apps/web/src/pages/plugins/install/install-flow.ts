import type { AcceptedPublisher, CatalogRelease } from '@fleetwire/plugin-manager';
import type { InstallWish } from '../api/plugins-api.ts';

/** What the user has chosen for an install. */
export interface InstallChoice {
  /** The publisher has changed, and that is all right. */
  readonly acceptsPublisher: boolean;
  /** It is enabled as soon as it is installed. */
  readonly isEnabled: boolean;
}

/** Why the server did not begin it. */
export interface InstallRefusal {
  readonly code: string;
  readonly message: string;
}

/** How far the dialog is. */
export type InstallFlow =
  | { readonly status: 'deciding'; readonly choice: InstallChoice; readonly refusal?: InstallRefusal | undefined }
  | { readonly status: 'sending'; readonly choice: InstallChoice }
  | { readonly status: 'begun'; readonly operationId: string };

/** What happens in the dialog. */
export type InstallEvent =
  | { readonly type: 'chosen'; readonly choice: Partial<InstallChoice> }
  | { readonly type: 'confirmed' }
  | { readonly type: 'refused'; readonly refusal: InstallRefusal }
  | { readonly type: 'begun'; readonly operationId: string };

/** What nobody has chosen otherwise. */
export const startChoice: InstallChoice = { acceptsPublisher: false, isEnabled: true };

/** As the dialog opens. */
export const installStart: InstallFlow = { status: 'deciding', choice: startChoice };

/** Takes an event in; what does not fit the moment changes nothing. */
export function installTransition(flow: InstallFlow, event: InstallEvent): InstallFlow {
  switch (event.type) {
    case 'chosen':
      return flow.status === 'deciding' ? { ...flow, choice: { ...flow.choice, ...event.choice } } : flow;
    case 'confirmed':
      return flow.status === 'deciding' ? { status: 'sending', choice: flow.choice } : flow;
    case 'refused':
      return flow.status === 'sending' ? { status: 'deciding', choice: flow.choice, refusal: event.refusal } : flow;
    case 'begun':
      return flow.status === 'sending' ? { status: 'begun', operationId: event.operationId } : flow;
  }
}

/** What is looked at: what the catalog says of a version, and what only its archive has told. */
export interface ShownRelease extends CatalogRelease {
  /** Its name in package.json, where an earlier attempt found that it is another one. */
  readonly packageName?: string | undefined;
}

/** Whether the user must say that another publisher is all right. */
export function needsAcceptance({ publisher, packageName }: ShownRelease): boolean {
  return publisher === 'changed' || packageName !== undefined;
}

/** What stands against the install, in a sentence beside what the catalog says; undefined where nothing does. */
export function obstacleOf(release: ShownRelease, flow: InstallFlow): string | undefined {
  const { compatibility, denied } = release;
  if (compatibility.state === 'incompatible') return 'It cannot be installed, as it does not fit this server.';
  if (denied?.code === 'E_INTEGRITY')
    return 'Its archive is another one than that of the same version which is installed. Where that is meant, an operator installs it with fleetwire-plugin install --accept-changed-archive.';
  if (denied !== undefined) return 'The policy of this server does not allow it.';
  if (release.installedVersion === release.release.version)
    return 'There is nothing to install. If its files are not what was installed, Repair brings them back.';
  const isAccepted = flow.status === 'deciding' && flow.choice.acceptsPublisher;
  if (needsAcceptance(release) && !isAccepted) return 'Say that you accept the change of its publisher.';
  return undefined;
}

/** What is asked of the server. */
export function wishOf(shown: ShownRelease, choice: InstallChoice): InstallWish {
  const { id, release } = shown;
  const { acceptsPublisher, isEnabled } = choice;
  const acceptPublisher = acceptedOf(shown);
  return { id, version: release.version, isEnabled, ...(acceptsPublisher ? { acceptPublisher } : {}) };
}

/** The publisher that was shown, and no other that is found later. */
function acceptedOf({ release, publisherChanges = [], packageName }: ShownRelease): AcceptedPublisher {
  if (publisherChanges.length === 0 && packageName === undefined) return true;
  const key = publisherChanges.find(({ what }) => what === 'keyId');
  return {
    repositoryId: release.repositoryId,
    ...(key && { keyId: key.found ?? null }),
    ...(packageName !== undefined && { packageName }),
  };
}
