const clock = `# Clock

The time, on the overview of every dashboard of this server.

| Version | What it shows |
| --- | --- |
| 1.0.0 | the time here |
| 1.1.0 | the time here, and in UTC |

## Try an update

1. Choose *Versions*, and install **1.0.0**. The widget is on the overview at once, without a reload.
2. *Updates* has 1.1.0 now, with what changes.
3. Update; then choose *Roll back* in the menu of the plugin. The way back needs no network.

## What it may do

It reads the clock of the browser and nothing else. Like every plugin it runs in the page, so it can do what whoever looks
at the page can do.
`;

const clusterStates = `# Cluster states

How many clusters are ready, as a widget of the overview, and the command *Open the list of clusters*
(Ctrl K).

It adds two kinds of contributions, so *What it adds* lists both:

- \`overviewWidget\`: follows \`sdk.clusters\`, and is drawn anew when a cluster comes, goes, or changes its state;
- \`command\`: goes to \`/clusters\` by \`sdk.navigate\`.

The whole plugin is one module of about twenty lines.
`;

const fromTheFuture = `# From the future

This one is for Fleetwire 99, which is not there yet. It shows how a plugin is told that does not fit: the catalog has it,
its versions say why it was passed over, and an install is refused before anything is downloaded.
`;

/** What the plugins of the demo say of themselves, by their names. */
export const demoReadmes = {
  clock,
  'cluster-states': clusterStates,
  'from-the-future': fromTheFuture,
} as const;
