// The programs of a small company that sells things: what runs where, and how each writes its log.

/** How an app writes its log. */
export type LogStyle = 'access' | 'json' | 'logfmt' | 'klog' | 'sql' | 'batch';

/** One program of the company. */
export interface CompanyApp {
  readonly namespace: string;
  readonly name: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';
  readonly image: string;
  readonly component: string;
  readonly logs: LogStyle;
  readonly replicas?: number;
  readonly port?: number;
  readonly isPublic?: boolean;
  /** Size of the volume that each replica claims. */
  readonly volume?: string;
  readonly schedule?: string;
  readonly command?: readonly string[];
  /** Life in the scenario touches it: new versions, more and fewer replicas. */
  readonly isReleased?: boolean;
  /** Crashes more often than others. */
  readonly isFlaky?: boolean;
  readonly cpu?: string;
  readonly memory?: string;
}

const deployment = { kind: 'Deployment', component: 'backend', logs: 'json', port: 8080 } as const;
const shop = { ...deployment, namespace: 'shop', isReleased: true } as const;
const payments = { ...deployment, namespace: 'payments', isReleased: true } as const;
const system = { namespace: 'kube-system', component: 'cluster', logs: 'klog' } as const;
const monitoring = { namespace: 'monitoring', component: 'observability', logs: 'logfmt' } as const;

/** Namespaces of the scenario beside those that every cluster has. */
export const COMPANY_NAMESPACES: readonly string[] = ['shop', 'payments', 'data', 'monitoring'];

/** Every program, in the order in which it is installed. */
export const COMPANY_APPS: readonly CompanyApp[] = [
  {
    ...system,
    kind: 'Deployment',
    name: 'coredns',
    image: 'registry.k8s.io/coredns/coredns:v1.12.4',
    replicas: 2,
    port: 53,
  },
  {
    ...system,
    kind: 'Deployment',
    name: 'metrics-server',
    image: 'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
    port: 443,
  },
  { ...system, kind: 'DaemonSet', name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.36.1' },
  {
    ...shop,
    name: 'storefront',
    component: 'frontend',
    image: 'registry.example/shop/storefront:3.8.1',
    replicas: 4,
    logs: 'access',
    isPublic: true,
  },
  { ...shop, name: 'catalog', image: 'registry.example/shop/catalog:2.14.0', replicas: 3 },
  { ...shop, name: 'cart', image: 'registry.example/shop/cart:1.9.3', replicas: 3 },
  { ...shop, name: 'checkout', image: 'registry.example/shop/checkout:5.2.0', replicas: 2 },
  { ...shop, name: 'search', image: 'registry.example/shop/search:0.31.7', replicas: 2 },
  {
    ...shop,
    name: 'recommendations',
    image: 'registry.example/shop/recommendations:0.7.2',
    replicas: 2,
    isFlaky: true,
    isReleased: false,
  },
  {
    ...payments,
    name: 'payment-gateway',
    image: 'registry.example/payments/gateway:4.0.6',
    replicas: 3,
    logs: 'access',
    isPublic: true,
  },
  { ...payments, name: 'ledger', image: 'registry.example/payments/ledger:2.3.1', replicas: 2 },
  {
    ...payments,
    name: 'fraud-scoring',
    image: 'registry.example/payments/fraud-scoring:1.1.0',
    replicas: 2,
    memory: '512Mi',
  },
  { ...payments, name: 'reports', image: 'registry.example/payments/reports:2.0.0-missing', isReleased: false },
  {
    ...payments,
    name: 'reconciler',
    image: 'registry.example/payments/reconciler:1.4.4',
    isReleased: false,
    command: ['sh', '-c', 'reconcile --once; exit 1'],
  },
  {
    namespace: 'payments',
    kind: 'CronJob',
    name: 'settlement-export',
    component: 'batch',
    logs: 'batch',
    image: 'registry.example/payments/settlement-export:1.2.0',
    schedule: '*/5 * * * *',
    command: ['sh', '-c', 'export; sleep 6'],
  },
  {
    namespace: 'data',
    kind: 'StatefulSet',
    name: 'postgres',
    component: 'database',
    logs: 'sql',
    image: 'docker.io/library/postgres:18.1',
    replicas: 2,
    port: 5432,
    volume: '20Gi',
    memory: '1Gi',
  },
  {
    namespace: 'data',
    kind: 'StatefulSet',
    name: 'redis',
    component: 'cache',
    logs: 'klog',
    image: 'docker.io/library/redis:8.2',
    replicas: 1,
    port: 6379,
    volume: '5Gi',
  },
  {
    namespace: 'data',
    kind: 'CronJob',
    name: 'stock-import',
    component: 'batch',
    logs: 'batch',
    image: 'registry.example/data/stock-import:0.9.0',
    schedule: '*/2 * * * *',
    command: ['sh', '-c', 'import; sleep 10'],
  },
  {
    ...monitoring,
    kind: 'StatefulSet',
    name: 'prometheus',
    image: 'quay.io/prometheus/prometheus:v3.7.3',
    replicas: 1,
    port: 9090,
    volume: '50Gi',
    memory: '1Gi',
  },
  {
    ...monitoring,
    kind: 'Deployment',
    name: 'grafana',
    image: 'docker.io/grafana/grafana:12.3.0',
    port: 3000,
    isPublic: true,
  },
  {
    ...monitoring,
    kind: 'DaemonSet',
    name: 'node-exporter',
    image: 'quay.io/prometheus/node-exporter:v1.10.2',
    port: 9100,
  },
];
