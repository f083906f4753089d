/** Bytes of one pod as JSON: what a pod of a usual cluster has, most of it spec, status and managedFields. */
export const podBytes = 5_600;

/** resourceVersion of the list; events follow it, all of the same number of digits. */
export const listStart = 100_000_000;

const padding = podBytes - JSON.stringify(barePod(0, listStart, '')).length;

/** A pod of {@link podBytes}, about a third of it `managedFields` as on a real server. */
export function pod(index: number, resourceVersion: number): object {
  return barePod(index, resourceVersion, 'x'.repeat(padding));
}

function barePod(index: number, resourceVersion: number, filler: string): object {
  const name = `web-${String(index).padStart(6, '0')}`;
  const third = Math.floor(filler.length / 3);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${String(index).padStart(6, '0')}`,
      resourceVersion: String(resourceVersion),
      creationTimestamp: '2026-11-01T10:00:00Z',
      labels: { app: 'web', 'pod-template-hash': '5f6c9d7b8' },
      managedFields: [
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-11-01T10:00:05Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:status': { 'f:padding': filler.slice(0, third) } },
        },
      ],
    },
    spec: {
      nodeName: `node-${String(index % 50)}`,
      restartPolicy: 'Always',
      containers: [{ name: 'web', image: 'registry.example/web:1.2.3', args: words(filler.slice(third, 2 * third)) }],
    },
    status: { phase: 'Running', podIP: '10.1.2.3', conditions: [], message: filler.slice(2 * third) },
  };
}

/** Several strings instead of one, which is what parsers and stores meet. */
function words(text: string): string[] {
  const width = 32;
  // Quotes and commas stand for themselves in the sum of the bytes.
  const count = Math.floor(text.length / (width + 3));
  const rest = text.length - count * (width + 3) - (count === 0 ? 0 : 2);
  const list = Array.from({ length: count }, () => 'x'.repeat(width));
  return rest > 0 ? [...list, 'x'.repeat(rest)] : list;
}

/** A list of so many pods. */
export function podListJson(count: number, resourceVersion: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'PodList',
    metadata: { resourceVersion: String(resourceVersion) },
    items: Array.from({ length: count }, (_, index) => pod(index, resourceVersion)),
  });
}

/** A MODIFIED event of one of `pods` pods, as JSON. */
export function eventJson(sequence: number, pods: number): string {
  return JSON.stringify({ type: 'MODIFIED', object: pod(sequence % pods, listStart + 1 + sequence) });
}
