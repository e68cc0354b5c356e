/** The path of a request: a route of the table with its parameters and its query. */
import { VaultifyRequestError } from './error.js';
import type { RestInput, Route } from './types.js';

/** '/messaging/conversations/0190…?limit=50' of 'GET /messaging/conversations/:id'. */
export function wirePath(route: Route, input: RestInput): string {
  const params: Record<string, string> = input.params ?? {};
  const pattern = route.slice(route.indexOf(' ') + 1);
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined)
      throw new VaultifyRequestError({ code: 'invalid_payload', message: `${route} needs ${name}` });
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
