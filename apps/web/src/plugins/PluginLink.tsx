import type { MouseEvent, ReactElement, ReactNode } from 'react';
import { useRouter, useRouterState } from '@tanstack/react-router';

/** A link to an address of the page that the router's types do not know: what a plugin names. */
export function PluginLink({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactElement {
  const { history } = useRouter();
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const own = to.replace(/[?#].*$/, '');
  const isHere = pathname === own || (own !== '/' && pathname.startsWith(`${own}/`));
  return (
    <a
      href={to}
      aria-current={isHere ? 'page' : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        history.push(to);
      }}
    >
      {children}
    </a>
  );
}

/** Whether a click on a link asks for nothing but to go there, in this tab. */
export function isPlainClick(event: MouseEvent): boolean {
  return (
    event.button === 0 &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.shiftKey &&
    !event.altKey &&
    !event.defaultPrevented
  );
}
