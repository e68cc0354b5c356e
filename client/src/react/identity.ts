/** Whose token it is, so that a renewed one keeps the client that a person already has. */
import type { ClientOptions } from '../core/index.js';
import { subjectOf } from '../core/token.js';

/**
 * Of a string the user whom it names, or else the string itself; functions are all the same one: which of them is asked
 * may change at each render.
 */
export function identityOf(token: ClientOptions['token']): string {
  return typeof token === 'function' ? 'function' : (subjectOf(token) ?? token);
}
