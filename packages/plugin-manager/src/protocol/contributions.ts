import * as z from 'zod/mini';
import { cssVariablesSchema } from './css-value.ts';
import { dashboardPathSchema as path } from './dashboard-path.ts';
import { titleSchema as title } from './shown-text.ts';
import { text } from './text-schema.ts';

/** What a plugin may add to the dashboard: the kinds of `contributes` and of `ctx.register`. */
export const contributionKinds = [
  'navigation',
  'route',
  'listColumn',
  'detailSection',
  'rowAction',
  'overviewWidget',
  'theme',
  'command',
] as const;

/** One of {@link contributionKinds}. */
export type ContributionKind = (typeof contributionKinds)[number];

/** Most contributions of one kind that a plugin may declare, and as many that it may have registered; more are refused. */
export const maxPerKind = 64;

const id = z
  .string()
  .check(z.regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, 'expected up to 64 letters, digits, ".", "_" and "-"'));
/** What a list or a detail page shows, as the dashboard names it: `virtualmachines`, `sessions`, … */
const target = text(1, 200);
const order = z.optional(z.number());
const icon = z.optional(text(1, 64));
/** What can be said of a contribution without running code, by kind. */
export const declaredSchemas = {
  navigation: z.object({ id, title, to: path, icon, order }),
  route: z.object({ id, path, title: z.optional(title), order }),
  listColumn: z.object({ id, target, title, order }),
  detailSection: z.object({ id, target, title, order }),
  rowAction: z.object({ id, target, title, icon, order }),
  overviewWidget: z.object({ id, title, order }),
  theme: z.object({ id, title, colorScheme: z.enum(['light', 'dark']), variables: cssVariablesSchema, order }),
  command: z.object({ id, title, order }),
} as const satisfies Readonly<Record<ContributionKind, unknown>>;

function declared<S extends z.ZodMiniType>(schema: S) {
  const few = (items: unknown[]) => items.length <= maxPerKind;
  return z.optional(z.array(schema).check(z.refine(few, `expected at most ${String(maxPerKind)}`)));
}

/**
 * `contributes` of package.json: what the plugin adds, so that menus appear before its code runs. A plugin that declares
 * something is activated when something of it is first used; one that declares nothing, at the start.
 */
export const contributesSchema = z.object({
  navigation: declared(declaredSchemas.navigation),
  route: declared(declaredSchemas.route),
  listColumn: declared(declaredSchemas.listColumn),
  detailSection: declared(declaredSchemas.detailSection),
  rowAction: declared(declaredSchemas.rowAction),
  overviewWidget: declared(declaredSchemas.overviewWidget),
  theme: declared(declaredSchemas.theme),
  command: declared(declaredSchemas.command),
});

/** What {@link contributesSchema} lets through. */
export type Contributes = z.infer<typeof contributesSchema>;

/** The declared part of a contribution of kind `K`. */
export type DeclaredContribution<K extends ContributionKind = ContributionKind> = z.infer<(typeof declaredSchemas)[K]>;
