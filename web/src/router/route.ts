/** The page's places, and how each is written behind the `#` of the address. */

export type Route =
  | { name: 'list' }
  | { name: 'announcements' }
  | { name: 'conversation'; conversationId: string }
  /** The conversation with what is known about it beside it. */
  | { name: 'info'; conversationId: string };

const ID = '([0-9a-f-]{36})';

const PATTERNS: readonly { pattern: RegExp; route: (id: string) => Route }[] = [
  { pattern: /^\/announcements$/, route: () => ({ name: 'announcements' }) },
  { pattern: new RegExp(`^/c/${ID}$`), route: (conversationId) => ({ name: 'conversation', conversationId }) },
  { pattern: new RegExp(`^/c/${ID}/info$`), route: (conversationId) => ({ name: 'info', conversationId }) },
];

/** Whatever is no place of the page is the list. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, '');
  for (const { pattern, route } of PATTERNS) {
    const found = pattern.exec(path);
    if (found) return route(found[1] ?? '');
  }
  return { name: 'list' };
}

/** For `<a href>`. */
export function href(route: Route): string {
  switch (route.name) {
    case 'list':
      return '#/';
    case 'announcements':
      return '#/announcements';
    case 'conversation':
      return `#/c/${route.conversationId}`;
    case 'info':
      return `#/c/${route.conversationId}/info`;
  }
}
