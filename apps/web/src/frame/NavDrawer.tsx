import type { ReactElement } from 'react';
import { Drawer } from '@mantine/core';
import { SideNav } from './SideNav.tsx';

/** The navigation of a narrow screen; following a link closes it. */
export function NavDrawer({ onClose }: { readonly onClose: () => void }): ReactElement {
  return (
    <Drawer opened onClose={onClose} title="Fleetwire" size={280} closeButtonProps={{ 'aria-label': 'Close' }}>
      <nav
        className="fw-nav fw-nav-drawer"
        aria-label="All views"
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('a') !== null) onClose();
        }}
      >
        <SideNav />
      </nav>
    </Drawer>
  );
}
