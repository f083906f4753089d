import type { ImageFlavour } from './image-flavours.ts';

/** Files by absolute path; directories are what their paths go through. Nothing can be written. */
export type FileTree = ReadonlyMap<string, string>;

/** What a path of a tree is. */
export type FileEntry =
  | { readonly kind: 'file'; readonly content: string }
  /** Names in order. */
  | { readonly kind: 'directory'; readonly names: readonly string[] };

/** Directories that every image has, also where they are empty. */
const DIRECTORIES = ['/bin', '/dev', '/etc', '/home', '/proc', '/root', '/sys', '/tmp', '/usr', '/var'];

/** The files of a container: those of its image, and those that the kubelet puts there. */
export function containerFiles(facts: {
  readonly flavour: ImageFlavour;
  readonly podName: string;
  readonly namespace: string;
  readonly podIP: string;
}): FileTree {
  const { flavour, podName, namespace, podIP } = facts;
  const { user, home, shells } = flavour;
  return new Map([
    ['/etc/hostname', `${podName}\n`],
    ['/etc/hosts', `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${podIP}\t${podName}\n`],
    ['/etc/os-release', `PRETTY_NAME="${flavour.system}"\n`],
    [
      '/etc/passwd',
      `root:x:0:0:root:/root:/bin/sh\n${user === 'root' ? '' : `${user}:x:1000:1000::${home}:/bin/sh\n`}`,
    ],
    [
      '/etc/resolv.conf',
      `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
    ],
    ['/var/run/secrets/kubernetes.io/serviceaccount/namespace', namespace],
    ...shells.map((shell) => [`/bin/${shell}`, '\u007fELF\n'] as const),
    ...Object.entries(flavour.files),
  ]);
}

/** The absolute path that `path` means in `directory`, without `.` and `..`. */
export function resolvePath(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** What is at an absolute path; undefined where there is nothing. */
export function entryAt(tree: FileTree, path: string): FileEntry | undefined {
  const content = tree.get(path);
  if (content !== undefined) return { kind: 'file', content };
  const prefix = path === '/' ? '/' : `${path}/`;
  const names = new Set<string>();
  for (const each of [...tree.keys(), ...DIRECTORIES]) {
    const [name = ''] = each.startsWith(prefix) ? each.slice(prefix.length).split('/') : [];
    if (name !== '') names.add(name);
  }
  if (names.size === 0 && !DIRECTORIES.includes(path)) return undefined;
  return { kind: 'directory', names: [...names].sort() };
}
