/** What can go wrong, as one error class, and how answers of REST and of acknowledgements become it. */
import type { VaultifyError } from './types.js';

export class VaultifyRequestError extends Error implements VaultifyError {
  readonly code: VaultifyError['code'];
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor({
    code,
    message,
    status = 0,
    retryAfterMs = null,
  }: Partial<VaultifyError> & Pick<VaultifyError, 'code'>) {
    super(message ?? code);
    this.name = 'VaultifyRequestError';
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export const networkError = (message = 'The server cannot be reached') =>
  new VaultifyRequestError({ code: 'network', message });
export const timeoutError = (message = 'The server did not answer in time') =>
  new VaultifyRequestError({ code: 'timeout', message });

/** As the server says it, for what is known here without asking. */
export const notThere = () =>
  new VaultifyRequestError({
    code: 'conversation_not_found',
    message: 'You are not in this conversation',
    status: 404,
  });

/** Something that was thrown, as a plain value for snapshots. */
export function plainError(error: unknown): VaultifyError {
  const e = asRequestError(error);
  return { code: e.code, message: e.message, status: e.status, retryAfterMs: e.retryAfterMs };
}

export function asRequestError(error: unknown): VaultifyRequestError {
  if (error instanceof VaultifyRequestError) return error;
  return networkError(error instanceof Error ? error.message : String(error));
}

/** The server could not do it now; the same request may succeed later. */
export const isTransient = (code: string) => TRANSIENT.has(code);
const TRANSIENT = new Set(['network', 'timeout', 'request_timeout', 'rate_limited', 'busy', 'internal']);

/** It is the token or its user that is refused: nothing else will be accepted with it. */
export const isIdentityRefused = (code: string) => IDENTITY.has(code);
const IDENTITY = new Set([
  'token_missing',
  'token_invalid',
  'token_expired',
  'user_unknown',
  'user_inactive',
  'wrong_user',
]);

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
/** A newer server may know codes that this client does not: they are handed on as they are. */
const codeOf = (value: unknown, otherwise: VaultifyError['code']) => text(value, otherwise) as VaultifyError['code'];
const text = (value: unknown, otherwise: string) => (typeof value === 'string' && value ? value : otherwise);

/** `error` of a refused acknowledgement, or the data of an `error` event. */
export function errorOfAck(error: unknown): VaultifyRequestError {
  const fields = isFields(error) ? error : {};
  const retryAfterMs = typeof fields.retryAfterMs === 'number' ? fields.retryAfterMs : null;
  return new VaultifyRequestError({
    code: codeOf(fields.code, 'internal'),
    message: text(fields.message, 'Refused'),
    retryAfterMs,
  });
}

const CODES_OF_STATUS: Record<number, VaultifyError['code']> = {
  401: 'token_invalid',
  429: 'rate_limited',
  503: 'busy',
};

/** A refused HTTP answer; one that a proxy gave instead of the server has no code of ours, then its status gives one. */
export function errorOfAnswer(status: number, body: unknown, retryAfter: string | null): VaultifyRequestError {
  const fields = isFields(body) ? body : {};
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new VaultifyRequestError({
    code: codeOf(fields.code, CODES_OF_STATUS[status] ?? 'internal'),
    message: text(fields.message, `HTTP ${status}`),
    status,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
  });
}
