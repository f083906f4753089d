import type { ReactElement } from 'react';
import { useRouterState } from '@tanstack/react-router';
import { useContributions } from '@fleetwire/plugin-manager/react';
import { hasIcon, Icon } from '../ui/icons.tsx';
import { longestOf } from './match-route.ts';
import { PluginLink } from './PluginLink.tsx';

/** What plugins add to the navigation. */
export function PluginNavLinks(): ReactElement | null {
  const links = useContributions('navigation');
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  if (links.length === 0) return null;
  const pathOf = (to: string): string => to.replace(/[?#].*$/, '');
  // Of those at or above the address, the nearest.
  const here = longestOf(
    links.map(({ value }) => pathOf(value.to)).filter((path) => path !== '/'),
    pathname,
  );
  return (
    <section aria-labelledby="nav-plugins">
      <h2 id="nav-plugins">From plugins</h2>
      {links.map(({ key, value: { title, to, icon = '' } }) => (
        <PluginLink key={key} to={to} isHere={pathOf(to) === here}>
          <Icon name={hasIcon(icon) ? icon : 'plugin'} />
          <span className="fw-nav-name">{title}</span>
        </PluginLink>
      ))}
    </section>
  );
}
