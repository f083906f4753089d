import { Component, type ReactNode } from 'react';

/** Properties of {@link Fence}. */
export interface FenceProps {
  /** Stands in the place of what failed; a text as an alert. So plain that it cannot fail in turn. */
  readonly text: ReactNode;
  readonly children: ReactNode;
}

/** Keeps what throws in rendering to itself, and shows something plain instead: the last fence there is. */
export class Fence extends Component<FenceProps, { readonly hasFailed: boolean }> {
  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override state = { hasFailed: false };

  override render(): ReactNode {
    const { text, children } = this.props;
    if (!this.state.hasFailed) return children;
    return typeof text === 'string' ? <p role="alert">{text}</p> : text;
  }
}
