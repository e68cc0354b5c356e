/** One thing that the reference tells of: it opens, has an address, and is found by its text. */
import { code, element, prose, type Child } from './element';

export interface Entry {
  id: string;
  /** What stands before the name: a method, or from whom. */
  badge: string;
  name: string;
  summary: string;
  body: readonly Child[];
}

export interface Group {
  id: string;
  title: string;
  entries: readonly Entry[];
}

function entryView(entry: Entry): HTMLElement {
  const badge = entry.badge ? element('span', { class: 'badge', 'data-badge': entry.badge }, entry.badge) : null;
  const address = element('a', { class: 'address', href: `#${entry.id}` }, 'Link');
  address.setAttribute('aria-label', `Link to ${entry.badge} ${entry.name}`.replace('  ', ' '));
  return element(
    'details',
    { class: 'entry', id: entry.id, 'data-text': `${entry.badge} ${entry.name} ${entry.summary}`.toLowerCase() },
    element(
      'summary',
      {},
      badge,
      element('span', { class: 'name' }, code(entry.name)),
      element('span', { class: 'summary' }, ...prose(entry.summary)),
    ),
    element('div', { class: 'body' }, address, ...entry.body),
  );
}

export function groupView(group: Group): HTMLElement {
  return element(
    'section',
    { class: 'group', 'aria-labelledby': group.id },
    element('h2', { id: group.id, tabindex: '-1' }, group.title),
    ...group.entries.map(entryView),
  );
}

export function contentsView(groups: readonly Group[]): HTMLElement {
  const items = groups.map((group) =>
    element(
      'li',
      { 'data-group': group.id },
      element('a', { href: `#${group.id}` }, group.title),
      element('span', { class: 'count' }, String(group.entries.length)),
    ),
  );
  return element('ul', {}, ...items);
}
