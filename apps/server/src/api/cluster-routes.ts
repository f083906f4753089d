import { z } from 'zod';
import type { ClusterDirectory } from '../parts.ts';
import { route, stateOf, type Route } from './route.ts';

const clusterSchema = z.object({
  name: z.string(),
  state: z.enum(['unknown', 'ready', 'unreachable', 'unauthorized']),
  version: z.string().optional(),
  message: z.string().optional(),
  isDemo: z.boolean().optional(),
  isOwn: z.boolean().optional().describe('One has added it for oneself; nobody else has it.'),
  since: z.number().describe('When the state changed last, milliseconds since 1970.'),
});

/** `GET /api/v1/clusters`: what the channel `clusters` shows, for a client whose WebSocket is blocked. */
export function createClusterRoutes(directory: ClusterDirectory): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/clusters',
      access: 'kube.read',
      tag: 'Clusters',
      summary:
        'The clusters of the organisation, and those that one has added for oneself; the API of each is below `/clusters/{name}/`.',
      response: stateOf(clusterSchema),
      handle({ identity }) {
        const clusters = directory.clustersOf(identity);
        return { items: clusters.map((value) => ({ key: value.name, version: value.since, value })) };
      },
    }),
  ];
}
