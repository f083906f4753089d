import type { MouseEvent, ReactElement, ReactNode } from 'react';
import { useRouter, type RouterHistory } from '@tanstack/react-router';
import { isAnsweredByServer } from './own-paths.ts';

/** A link to an address of the page that the router's types do not know: what a plugin names. */
export function PluginLink(props: {
  readonly to: string;
  readonly isHere: boolean;
  readonly children: ReactNode;
}): ReactElement {
  const { history } = useRouter();
  return (
    <a
      href={props.to}
      aria-current={props.isHere ? 'page' : undefined}
      onClick={(event) => {
        followLink(event, history);
      }}
    >
      {props.children}
    </a>
  );
}

/** Follows a link that was clicked without loading the page anew, where it leads to another view of the page. */
export function followLink(event: MouseEvent, history: Pick<RouterHistory, 'push'>): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
  if (!link.hasAttribute('href') || isAnsweredByServer(link.pathname) || !isPlainClick(event)) return;
  event.preventDefault();
  history.push(`${link.pathname}${link.search}${link.hash}`);
}

/** Whether a click on a link asks for nothing but to go there, in this tab. */
function isPlainClick(event: MouseEvent): boolean {
  return (
    event.button === 0 &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.shiftKey &&
    !event.altKey &&
    !event.defaultPrevented
  );
}
