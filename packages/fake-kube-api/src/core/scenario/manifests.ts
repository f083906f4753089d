import type { NewObject } from '../types.ts';
import type { CompanyApp } from './company-apps.ts';
import type { ResourceKey } from './resource-ids.ts';

/** An object to create. */
export interface Manifest {
  readonly resource: ResourceKey;
  readonly object: NewObject;
}

const selectorOf = (app: CompanyApp) => ({
  'app.kubernetes.io/name': app.name,
  'app.kubernetes.io/instance': app.name,
});

function labelsOf(app: CompanyApp): Record<string, string> {
  return {
    ...selectorOf(app),
    'app.kubernetes.io/component': app.component,
    'app.kubernetes.io/part-of': app.namespace,
    'app.kubernetes.io/version': app.image.slice(app.image.lastIndexOf(':') + 1),
    'app.kubernetes.io/managed-by': 'Helm',
  };
}

function podTemplate(app: CompanyApp): object {
  const { port } = app;
  const isConfigured = app.kind === 'Deployment';
  return {
    metadata: {
      labels: { ...selectorOf(app), 'app.kubernetes.io/component': app.component },
      ...(app.logs === 'logfmt' && port !== undefined
        ? { annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) } }
        : {}),
    },
    spec: {
      ...(app.kind === 'DaemonSet' ? { tolerations: [{ operator: 'Exists' }] } : {}),
      ...(app.kind === 'CronJob' ? { restartPolicy: 'OnFailure' } : {}),
      containers: [
        {
          name: app.name,
          image: app.image,
          ...(app.command === undefined ? {} : { command: app.command }),
          ...(port === undefined ? {} : { ports: [{ name: 'main', containerPort: port, protocol: 'TCP' }] }),
          ...(isConfigured ? { envFrom: [{ configMapRef: { name: `${app.name}-config` } }] } : {}),
          resources: {
            requests: { cpu: app.cpu ?? '50m', memory: app.memory ?? '128Mi' },
            limits: { memory: app.memory ?? '128Mi' },
          },
          ...(port === undefined
            ? {}
            : { readinessProbe: { tcpSocket: { port: 'main' }, periodSeconds: 5, failureThreshold: 2 } }),
          ...(app.volume === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/var/lib/data' }] }),
        },
      ],
    },
  };
}

function workload(app: CompanyApp): Manifest {
  const metadata = { name: app.name, namespace: app.namespace, labels: labelsOf(app) };
  const selector = { matchLabels: selectorOf(app) };
  const template = podTemplate(app);
  const { replicas = 1 } = app;
  switch (app.kind) {
    case 'Deployment':
      return {
        resource: 'deployments',
        object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas, selector, template } },
      };
    case 'DaemonSet':
      return {
        resource: 'daemonSets',
        object: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { selector, template } },
      };
    case 'StatefulSet': {
      const claim = {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: app.volume } } },
      };
      const spec = { replicas, serviceName: app.name, selector, template, volumeClaimTemplates: [claim] };
      return { resource: 'statefulSets', object: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec } };
    }
    case 'CronJob': {
      const jobTemplate = { spec: { backoffLimit: 2, template } };
      const spec = { schedule: app.schedule, concurrencyPolicy: 'Forbid', jobTemplate };
      return { resource: 'cronJobs', object: { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec } };
    }
  }
}

/** Everything that one program is made of. */
export function manifestsOf(app: CompanyApp): readonly Manifest[] {
  const metadata = { name: app.name, namespace: app.namespace, labels: labelsOf(app) };
  const manifests: Manifest[] = [];
  if (app.kind === 'Deployment') {
    manifests.push({
      resource: 'configMaps',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { ...metadata, name: `${app.name}-config` },
        data: { LOG_LEVEL: 'info', REGION: 'north-1', HTTP_PORT: String(app.port ?? 8080) },
      },
    });
  }
  if (app.port !== undefined) {
    const ports = [{ name: 'main', port: app.port, targetPort: 'main', protocol: 'TCP' }];
    const isHeadless = app.kind === 'StatefulSet' || app.kind === 'DaemonSet';
    const spec = { selector: selectorOf(app), ports, ...(isHeadless ? { clusterIP: 'None' } : {}) };
    manifests.push({ resource: 'services', object: { apiVersion: 'v1', kind: 'Service', metadata, spec } });
  }
  if (app.isPublic === true) {
    const backend = { service: { name: app.name, port: { name: 'main' } } };
    const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
    const spec = { ingressClassName: 'nginx', rules: [{ host: `${app.name}.example.com`, http }] };
    manifests.push({
      resource: 'ingresses',
      object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec },
    });
  }
  manifests.push(workload(app));
  return manifests;
}

/** Namespaces that an API server makes by itself (Kubernetes documentation, Namespaces). */
export const SERVER_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** What a cluster has before anything is installed. */
export function clusterManifests(namespaces: readonly string[]): readonly Manifest[] {
  const all = [...SERVER_NAMESPACES, ...namespaces];
  return [
    ...all.map((name): Manifest => {
      return { resource: 'namespaces', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } };
    }),
    {
      resource: 'services',
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'kubernetes',
          namespace: 'default',
          labels: { component: 'apiserver', provider: 'kubernetes' },
        },
        spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
      },
    },
    {
      resource: 'storageClasses',
      object: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'example.com/disk',
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'Immediate',
      },
    },
  ];
}
