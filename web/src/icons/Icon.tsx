/** The page's icons: strokes on a grid of 24, in the colour of the text around them. */
import './icon.css';

interface Shape {
  path: string;
  /** Points along the line of reading: turned round where that goes from right to left. */
  directed?: boolean;
}

const shapes = {
  announcement: {
    path: 'M4 10v4a1 1 0 0 0 1 1h3l8 4V5L8 9H5a1 1 0 0 0-1 1ZM8.5 15.2 10 20h2.5l-1-3.4M19 9.5a4 4 0 0 1 0 5',
    directed: true,
  },
  back: { path: 'M20 12H5m6-6-6 6 6 6', directed: true },
  bell: { path: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15L6 16.5ZM10 21h4' },
  bellOff: { path: 'M6 16.5V11c0-1 .3-2 .7-2.9M9 5.8A6 6 0 0 1 18 11v3.5M16.5 18h-12L6 16.5M10 21h4M3.5 3.5l17 17' },
  check: { path: 'm5 12.5 4.5 4.5L19 7.5' },
  checks: { path: 'm2.5 12.5 4.5 4.5 9.5-9.5m-4.5 8.5 1 1 9-9.5' },
  chevron: { path: 'm9.5 6 6 6-6 6', directed: true },
  clock: { path: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2' },
  close: { path: 'M6 6l12 12M18 6 6 18' },
  compose: {
    path: 'M12.5 5H6.5A2.5 2.5 0 0 0 4 7.5v10A2.5 2.5 0 0 0 6.5 20h10a2.5 2.5 0 0 0 2.5-2.5v-6M18 3.5 20.5 6 13 13.5l-3.3.8.8-3.3L18 3.5Z',
  },
  down: { path: 'M12 5v14m-6-6 6 6 6-6' },
  emergency: { path: 'M12 3.8 2.8 19.5h18.4L12 3.8ZM12 10v4.5m0 2.5v.2' },
  estate: { path: 'M4 20.5V9.5l8-6 8 6v11H4Zm5.5 0v-6h5v6' },
  failed: { path: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5v5.5m0 3v.2' },
  file: { path: 'M6 3.5h8l4.5 4.5v12.5H6v-17ZM13.5 3.5V8.5h5' },
  image: { path: 'M4 5h16v14H4V5Zm0 11 4.5-4.5 4 4 2.5-2.5 5 5M15.5 8.8v.2' },
  info: { path: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 11v5.5m0-9v.2' },
  leave: { path: 'M14 4H5.5v16H14M10 12h10.5m-4-4 4 4-4 4', directed: true },
  link: { path: 'm10 14 4-4M9 10.5l-2.8 2.8a3.5 3.5 0 0 0 5 5L14 15.5M15 13.5l2.8-2.8a3.5 3.5 0 0 0-5-5L10 8.5' },
  offline: {
    path: 'M3 8.5a13 13 0 0 1 5-2.9M12 5a13 13 0 0 1 9 3.5M6 12a9 9 0 0 1 3.5-2.2M14.5 9.8A9 9 0 0 1 18 12M9 15.5a4.5 4.5 0 0 1 6 0M12 19v.2M3.5 3.5l17 17',
  },
  people: {
    path: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.5-3.5 3-5.5 6.5-5.5s6 2 6.5 5.5M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.3c2 .8 3.2 2.6 3.5 5.2',
  },
  person: { path: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.5-6 7.5-6s6.9 2 7.5 6' },
  plus: { path: 'M12 5v14M5 12h14' },
  react: {
    path: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9 9.5v.2m6-.2v.2',
  },
  reply: { path: 'M9.5 6 4 11.5 9.5 17M4 11.5h9.5c4 0 6.5 2.5 6.5 6.5', directed: true },
  retry: { path: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5' },
  search: { path: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm4.8 11.3L20.5 20.5' },
  security: { path: 'M12 3.5 5 6v5.5c0 4.5 2.8 7.5 7 9 4.2-1.5 7-4.5 7-9V6l-7-2.5Z' },
  send: { path: 'M4.5 4.5 20.5 12l-16 7.5L7 12 4.5 4.5ZM7 12h6', directed: true },
  settings: {
    path: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5ZM9 14.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  },
  tools: { path: 'M14.5 6.5a4 4 0 0 1 5.2-2.2L17 7l1 2 2.5.3a4 4 0 0 1-5.8 2.2l-7.2 7.2a2 2 0 0 1-2.7-2.7l7.2-7.2' },
  utility: { path: 'm13 3-8 10.5h6L10 21l8.5-11h-6L13 3Z' },
  voice: { path: 'M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3' },
} satisfies Record<string, Shape>;

export type IconName = keyof typeof shapes;

/** With a label it is an image of that name; without, an ornament that nobody is told of. */
export function Icon({ name, label, className = '' }: { name: IconName; label?: string; className?: string }) {
  const { path, directed }: Shape = shapes[name];
  return (
    <svg
      viewBox="0 0 24 24"
      className={`icon ${directed ? 'icon--directed' : ''} ${className}`}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      focusable="false"
    >
      <path d={path} />
    </svg>
  );
}
