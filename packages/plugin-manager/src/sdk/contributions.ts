import type { ComponentType } from 'react';
import type { ContributionKind, DeclaredContribution } from '../protocol/contributions.ts';

/**
 * A row of a list or the object of a detail page, as the dashboard has it. A row of a list of a cluster's objects has
 * `metadata` and `cells`, what the server prints of it; the object of a detail page is whole.
 */
export interface TargetProps<T = unknown> {
  readonly object: T;
  /** Absent for what is in no cluster. */
  readonly cluster?: string | undefined;
}

/** Where the user is: at the path of the route, or below it. */
export interface RouteProps {
  readonly pathname: string;
  /** With its `?`; empty where there is none. */
  readonly search: string;
}

/** What a contribution has beside its declared part, by kind. */
interface ContributionCode {
  navigation: object;
  theme: object;
  route: { readonly component: ComponentType<RouteProps> };
  listColumn: {
    /** The cell. */
    readonly component: ComponentType<TargetProps>;
    /**
     * What the cell says, by which the list is sorted and filtered; without it the column cannot be sorted. It is called
     * for rows that are out of sight, too, when the user sorts or filters and when a row changes: it must be quick, and
     * use no hooks. Empty for what has no value, which is sorted last. What it throws is a crash of the plugin, once;
     * it is not called again then.
     */
    readonly text?: (target: TargetProps) => string;
  };
  detailSection: { readonly component: ComponentType<TargetProps> };
  rowAction: {
    readonly run: (target: TargetProps) => void | Promise<void>;
    /** Whether the action makes sense for this object; default: always. */
    readonly isEnabled?: (target: TargetProps) => boolean;
  };
  overviewWidget: { readonly component: ComponentType };
  command: { readonly run: () => void | Promise<void> };
}

/** A contribution of kind `K`, as `ctx.register` takes it. */
export type Contribution<K extends ContributionKind = ContributionKind> = {
  readonly [P in K]: Readonly<DeclaredContribution<P>> & ContributionCode[P];
}[K];
