/** Whose token it is, so that a renewed one keeps the client that a person already has. */
import type { ClientOptions } from '../core/index.js';

/**
 * Of a string the subject that it names, or else the string itself; functions are all the same one: which of them is
 * asked may change at each render.
 */
export function identityOf(token: ClientOptions['token']): string {
  if (typeof token === 'function') return 'function';
  return subjectOf(token) ?? token;
}

/** Reads the claim without believing it: the server alone decides what a token is worth. */
function subjectOf(token: string): string | null {
  const payload = token.split('.')[1];
  if (!payload) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/')));
    const subject = (claims as { sub?: unknown } | null)?.sub;
    return typeof subject === 'string' ? subject : null;
  } catch {
    return null;
  }
}
