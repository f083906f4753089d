import { Component, type ReactNode } from 'react';

/** Properties of {@link Fence}. */
export interface FenceProps {
  /** Stands in the place of what failed. Constant, so that it cannot fail in turn. */
  readonly text: string;
  readonly children: ReactNode;
}

/** Keeps what throws in rendering to itself, and shows a constant text instead: the last fence there is. */
export class Fence extends Component<FenceProps, { readonly hasFailed: boolean }> {
  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override state = { hasFailed: false };

  override render(): ReactNode {
    return this.state.hasFailed ? <p role="alert">{this.props.text}</p> : this.props.children;
  }
}
