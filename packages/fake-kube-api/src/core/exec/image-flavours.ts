/** What the image of a container decides: its system, its user and the program that it is there for. */
export interface ImageFlavour {
  /** What `/etc/os-release` calls it. */
  readonly system: string;
  /** Without one, nothing but the main program is in the image. */
  readonly shells: readonly ('sh' | 'bash')[];
  readonly user: string;
  readonly home: string;
  /** Where commands begin. */
  readonly workingDirectory: string;
  /** The first process, as `ps` shows it. */
  readonly mainCommand: string;
  /** Files beside those that every container has, by absolute path. */
  readonly files: Readonly<Record<string, string>>;
}

interface Row extends Omit<ImageFlavour, 'mainCommand'> {
  readonly image: RegExp;
  readonly mainCommand?: string;
}

const debian = { system: 'Debian GNU/Linux 13 (trixie)', shells: ['sh', 'bash'] } as const;
const busybox = { system: 'BusyBox', shells: ['sh'] } as const;
const distroless = { system: 'Distroless', shells: [], user: 'nonroot', home: '/home/nonroot' } as const;
const root = { user: 'root', home: '/root' } as const;
const nobody = { user: 'nobody', home: '/' } as const;

const rows: readonly Row[] = [
  {
    image: /\/postgres[:@]/,
    ...debian,
    ...root,
    workingDirectory: '/',
    mainCommand: 'postgres',
    files: {
      '/var/lib/postgresql/18/docker/PG_VERSION': '18\n',
      '/var/lib/postgresql/18/docker/postgresql.conf': "listen_addresses = '*'\nmax_connections = 100\n",
      '/var/lib/postgresql/18/docker/pg_hba.conf': 'host all all all scram-sha-256\n',
    },
  },
  {
    image: /\/redis[:@]/,
    ...debian,
    ...root,
    workingDirectory: '/data',
    mainCommand: 'redis-server *:6379',
    files: { '/data/dump.rdb': 'REDIS0012\n', '/usr/local/etc/redis/redis.conf': 'appendonly no\n' },
  },
  {
    image: /\/prometheus[:@]/,
    ...busybox,
    ...nobody,
    workingDirectory: '/prometheus',
    mainCommand: '/bin/prometheus --config.file=/etc/prometheus/prometheus.yml',
    files: {
      '/etc/prometheus/prometheus.yml':
        'global:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: pods\n    kubernetes_sd_configs:\n      - role: pod\n',
      '/prometheus/queries.active': '\n',
    },
  },
  {
    image: /\/node-exporter[:@]/,
    ...busybox,
    ...nobody,
    workingDirectory: '/',
    mainCommand: '/bin/node_exporter',
    files: {},
  },
  { image: /\/(coredns|metrics-server)[:@]/, ...distroless, workingDirectory: '/', files: {} },
];

/** The flavour of an image; one that nothing is known of is a small Alpine with an application in `/app`. */
export function imageFlavour(image: string): ImageFlavour {
  const row = rows.find((each) => each.image.test(image));
  const name = /([^/:@]*)(?::[^/]*|@.*)?$/.exec(image)?.[1] || 'app';
  const mainCommand = row?.mainCommand ?? `/app/${name}`;
  if (row !== undefined) return { ...row, mainCommand };
  return {
    system: 'Alpine Linux v3.22',
    shells: ['sh'],
    ...root,
    workingDirectory: '/app',
    mainCommand,
    files: {
      '/app/config.yaml': 'listen: 0.0.0.0:8080\nlog:\n  level: info\n',
      '/app/README': `${name}, from ${image}\n`,
      '/etc/alpine-release': '3.22.2\n',
    },
  };
}
