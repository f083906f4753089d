import type { ReactElement } from 'react';

const paths = {
  overview: 'M3 13h4l3-8 4 14 3-6h4',
  connections: 'M7 7h12l-3-3M17 17H5l3 3',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  signOut: 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11m-4-4 4 4-4 4',
  clusters: 'M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01',
  menu: 'M4 7h16M4 12h16M4 17h16',
  star: 'm12 4 2.5 5.2 5.7.8-4.1 4 1 5.7L12 17l-5.1 2.7 1-5.7-4.1-4 5.7-.8L12 4Z',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  bookmark: 'M7 4h10v16l-5-4-5 4V4Z',
  check: 'm5 12 5 5 9-10',
  close: 'M6 6l12 12M18 6 6 18',
  chevron: 'm7 10 5 5 5-5',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  restart: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  scale: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
  alert: 'M12 4 2.8 19.5h18.4L12 4ZM12 10v4M12 16.8v.2',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  inbox: 'M4 13 6.5 5h11L20 13v6H4v-6Zm0 0h5l1 2.5h4L15 13h5',
  filter: 'M4 6h16l-6 7v5l-4 2v-7L4 6Z',
  kind: 'M12 3.5 20 8v8l-8 4.5L4 16V8l8-4.5ZM12 12l8-4M12 12v8.5M12 12 4 8',
  namespace: 'M4 7h6l2 2h8v10H4V7Z',
  plus: 'M12 5v14M5 12h14',
  more: 'M5 11.2a.8.8 0 1 0 0 1.6.8.8 0 1 0 0-1.6M12 11.2a.8.8 0 1 0 0 1.6.8.8 0 1 0 0-1.6M19 11.2a.8.8 0 1 0 0 1.6.8.8 0 1 0 0-1.6',
  plugin: 'M9 4v4M15 4v4M6 8h12v4a6 6 0 0 1-12 0V8ZM12 18v3',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20 20',
} as const;

/** Names of the icons. */
export type IconName = keyof typeof paths;

/** Whether there is an icon of this name. */
export function hasIcon(name: string): name is IconName {
  return Object.hasOwn(paths, name);
}

/** A line icon; decoration, so always beside a text or in a labelled control. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: 'none' }}
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark of the product. */
export function Logo({ size = 28 }: { readonly size?: number }): ReactElement {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32">
      <rect width="32" height="32" rx="8" fill="#364fc7" />
      <path
        d="M7 17h4l3-8 5 14 3-6h3"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
