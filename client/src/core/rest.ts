/** REST requests with a token, a deadline, errors as one class, and a second try only where it cannot do anything twice. */
import { asRequestError, errorOfAnswer, networkError, timeoutError, VaultifyRequestError } from './error.js';
import { wirePath } from './rest_path.js';
import type { Routes } from './generated.js';
import type { Tokens } from './token.js';
import type { ClientOptions, RestClient, RestInput, Route } from './types.js';

/** One request, with its answer's body. */
const REQUEST_TIMEOUT_MS = 15_000;
/** A server that is busy, or that asks to be left alone for a while, is asked again this often at most. */
const BUSY_TRIES_MAX = 4;
const BUSY_WAIT_MAX_MS = 10_000;

export class Rest implements RestClient {
  private readonly closing = new Set<AbortController>();
  /** Of all closings: what was asked before one is not asked again behind it. */
  private closed = 0;

  constructor(
    private readonly options: ClientOptions,
    private readonly tokens: Tokens,
  ) {}

  async request<R extends Route>(route: R, input: RestInput<R> = {}): Promise<Routes[R]['answer']> {
    const { closed } = this;
    const again = () => closed === this.closed && isRepeatable(route, input);
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.authorized(route, input)) as Routes[R]['answer'];
      } catch (thrown) {
        const error = asRequestError(thrown);
        if (!again() || !worthAnotherTry(error, attempt)) throw error;
        await wait(Math.min(error.retryAfterMs ?? 0, BUSY_WAIT_MAX_MS));
        if (!again()) throw error;
      }
    }
  }

  /** Ends all that is under way. */
  close(): void {
    this.closed++;
    for (const controller of this.closing) controller.abort();
    this.closing.clear();
  }

  private async authorized(route: Route, input: RestInput): Promise<unknown> {
    const token = await this.tokens.last();
    try {
      return await this.once(route, input, token);
    } catch (error) {
      if (!(error instanceof VaultifyRequestError) || error.status !== 401 || !this.tokens.renewable) throw error;
      return this.once(route, input, await this.tokens.instead(token));
    }
  }

  private async once(route: Route, input: RestInput, token: string): Promise<unknown> {
    const controller = new AbortController();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      controller.abort();
    }, REQUEST_TIMEOUT_MS);
    this.closing.add(controller);
    try {
      return await this.fetchJson(route, input, token, controller.signal);
    } catch (error) {
      if (error instanceof VaultifyRequestError) throw error;
      throw late ? timeoutError() : networkError();
    } finally {
      clearTimeout(timer);
      this.closing.delete(controller);
    }
  }

  private async fetchJson(route: Route, input: RestInput, token: string, signal: AbortSignal): Promise<unknown> {
    const [method = 'GET'] = route.split(' ', 1);
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    const init: RequestInit = { method, headers, signal, cache: 'no-store' };
    if (input.body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(input.body);
    }
    const ask = this.options.fetch ?? globalThis.fetch;
    const response = await ask(this.options.url.replace(/\/+$/, '') + wirePath(route, input), init);
    const body = parsed(await response.text());
    if (!response.ok) throw errorOfAnswer(response.status, body, response.headers.get('Retry-After'));
    return body;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page: the status says what there is to say
  }
}

/** May it be done twice? A POST only when the server knows it again by what is in it. */
function isRepeatable(route: Route, input: RestInput): boolean {
  if (/^(GET|PUT) /.test(route)) return true;
  const body = input.body as { clientMessageId?: unknown } | undefined;
  return typeof body?.clientMessageId === 'string';
}

function worthAnotherTry(error: VaultifyRequestError, attempt: number): boolean {
  if (error.code === 'network') return attempt === 1;
  return (error.code === 'busy' || error.code === 'rate_limited') && attempt < BUSY_TRIES_MAX;
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
