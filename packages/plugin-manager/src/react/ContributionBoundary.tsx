import { Component, type ReactNode } from 'react';
import { messageOf } from '../browser/message-of.ts';
import type { PluginLoader } from '../browser/plugin-loader-interface.ts';
import type { Registered } from '../browser/plugin-registry.ts';

/** What a fallback is given. */
export interface ContributionFailure {
  readonly contribution: Registered;
  /** Whatever was thrown; `messageOf` has a text for it. */
  readonly error: unknown;
  /** Renders the contribution again. */
  readonly retry: () => void;
}

/** Renders something in place of a contribution that failed. */
export type ContributionFallback = (failure: ContributionFailure) => ReactNode;

/** Properties of {@link ContributionBoundary}. */
export interface ContributionBoundaryProps {
  readonly loader: PluginLoader;
  readonly contribution: Registered;
  /** Default: a sentence that names the plugin and says what was thrown, and a button. */
  readonly fallback?: ContributionFallback | undefined;
  readonly children?: ReactNode;
}

interface State {
  readonly failure: { readonly thrown: unknown } | undefined;
  /** What the failure is of: after an update of the plugin it is another, and renders again. */
  readonly of: Registered;
}

/** Keeps what one contribution throws in rendering to itself, and counts it as a crash of its plugin. */
export class ContributionBoundary extends Component<ContributionBoundaryProps, State> {
  static getDerivedStateFromError(thrown: unknown): Partial<State> {
    return { failure: { thrown } };
  }

  static getDerivedStateFromProps({ contribution }: ContributionBoundaryProps, state: State): Partial<State> | null {
    return contribution === state.of ? null : { of: contribution, failure: undefined };
  }

  override state: State = { failure: undefined, of: this.props.contribution };

  override componentDidCatch(thrown: unknown): void {
    this.props.loader.reportCrash(this.props.contribution, thrown);
  }

  readonly #retry = (): void => {
    this.setState({ failure: undefined });
  };

  override render(): ReactNode {
    const { contribution, fallback, children } = this.props;
    const { failure } = this.state;
    if (failure === undefined) return children;
    if (fallback !== undefined) return fallback({ contribution, error: failure.thrown, retry: this.#retry });
    const { title, id } = contribution.value as { readonly title?: string; readonly id: string };
    return (
      <span role="alert">
        {title ?? id} of the plugin {contribution.pluginId} failed. {messageOf(failure.thrown)}{' '}
        <button type="button" onClick={this.#retry}>
          Try again
        </button>
      </span>
    );
  }
}
