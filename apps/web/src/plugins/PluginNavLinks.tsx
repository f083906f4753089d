import type { ReactElement } from 'react';
import { useContributions } from '@fleetwire/plugin-manager/react';
import { hasIcon, Icon } from '../ui/icons.tsx';
import { PluginLink } from './PluginLink.tsx';

/** What plugins add to the navigation. */
export function PluginNavLinks(): ReactElement | null {
  const links = useContributions('navigation');
  if (links.length === 0) return null;
  return (
    <section aria-labelledby="nav-plugins">
      <h2 id="nav-plugins">From plugins</h2>
      {links.map(({ key, value: { title, to, icon = '' } }) => (
        <PluginLink key={key} to={to}>
          <Icon name={hasIcon(icon) ? icon : 'plugin'} />
          <span className="fw-nav-name">{title}</span>
        </PluginLink>
      ))}
    </section>
  );
}
