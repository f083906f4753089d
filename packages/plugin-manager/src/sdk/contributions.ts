import type { ComponentType } from 'react';
import type { ContributionKind, DeclaredContribution } from '../protocol/contributions.ts';

/** A row of a list or the object of a detail page, as the dashboard has it. */
export interface TargetProps<T = unknown> {
  readonly object: T;
}

/** What a contribution has beside its declared part, by kind. */
interface ContributionCode {
  navigation: object;
  theme: object;
  route: { readonly component: ComponentType };
  /** The component is the cell. */
  listColumn: { readonly component: ComponentType<TargetProps> };
  detailSection: { readonly component: ComponentType<TargetProps> };
  rowAction: {
    readonly run: (object: unknown) => void | Promise<void>;
    /** Whether the action makes sense for this row; default: always. */
    readonly isEnabled?: (object: unknown) => boolean;
  };
  overviewWidget: { readonly component: ComponentType };
  command: { readonly run: () => void | Promise<void> };
}

/** A contribution of kind `K`, as `ctx.register` takes it. */
export type Contribution<K extends ContributionKind = ContributionKind> = {
  readonly [P in K]: Readonly<DeclaredContribution<P>> & ContributionCode[P];
}[K];
