/** Where the page is, and how to go elsewhere. */
import { useMemo, useSyncExternalStore } from 'react';
import { href, parseRoute, type Route } from './route';

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

export function goTo(route: Route): void {
  location.hash = href(route);
}

/** Without a step back to where the page was: for what closes. */
export function replaceWith(route: Route): void {
  location.replace(href(route));
}
