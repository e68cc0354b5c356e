/** Where access tokens come from: a fixed one, or a function that is asked again when one was refused. */
import { timeoutError, VaultifyRequestError } from './error.js';
import type { ClientOptions } from './types.js';

/** A function that takes longer is asked anew the next time. */
const TOKEN_TIMEOUT_MS = 15_000;

export class Tokens {
  private current: string | null;
  private asking: Promise<string> | null = null;

  constructor(private readonly source: ClientOptions['token']) {
    this.current = typeof source === 'string' ? source : null;
  }

  /** Can there be another one than the last? */
  get renewable(): boolean {
    return typeof this.source === 'function';
  }

  /** The last one; the first time, a fresh one. */
  async last(): Promise<string> {
    return this.current ?? this.fresh();
  }

  /** Asks the function, once however many ask for it meanwhile. */
  fresh(): Promise<string> {
    const source = this.source;
    if (typeof source === 'string') return Promise.resolve(source);
    this.asking ??= inTime(Promise.resolve().then(source))
      .then((token) => (this.current = token))
      .finally(() => (this.asking = null));
    return this.asking;
  }

  /** One instead of `refused`, which somebody else may have replaced already. */
  async instead(refused: string): Promise<string> {
    return this.current !== null && this.current !== refused ? this.current : this.fresh();
  }

  /** Whose token it is, without asking anybody; null before the first one. */
  get userId(): string | null {
    return this.current === null ? null : subjectOf(this.current);
  }
}

function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timeoutError('No token came in time')), TOKEN_TIMEOUT_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** `sub` of a token. It is not checked: the server does that; here it names the drawer of the outbox. */
export function subjectOf(token: string): string | null {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const claims: unknown = JSON.parse(atob(part));
    const sub = (claims as { sub?: unknown } | null)?.sub;
    return typeof sub === 'string' ? sub.toLowerCase() : null;
  } catch {
    return null; // not a JWT: who it is will be known when the server has said so
  }
}

export const wrongUser = () =>
  new VaultifyRequestError({ code: 'wrong_user', message: 'The token is of another user: make a new client for them' });
