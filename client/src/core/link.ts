/**
 * The connection as a state machine. Its socket never reconnects by itself: each attempt begins here, with a token.
 *
 *              connect                 accepted            caught up
 *     closed ------------> connecting -------------> syncing ----------> online
 *       ^                     |   |                  ^     |               |
 *       | close       refused |   | failed  accepted |     | broke         | broke
 *    from all                 v   v                  |     v               |
 *                refused <--- reconnecting, offline -'  <------------------'
 *                   |  retry             ^
 *                   '--------------------'
 *
 * `offline` is what `reconnecting` is called while the device says that it has no network.
 */
import { io, type Socket } from 'socket.io-client';
import { Backoff } from './backoff.js';
import { Cell, type Pulse } from './cell.js';
import { asRequestError, errorOfAck, isIdentityRefused, networkError, plainError, timeoutError } from './error.js';
import { listenAround, networkIsLost } from './surroundings.js';
import { subjectOf, wrongUser, type Tokens } from './token.js';
import type { ClientOptions, Connection, ConnectionStatus, VaultifyError } from './types.js';

const NAMESPACE = '/messaging';
/** From the first byte to the server's yes or no. */
const CONNECT_TIMEOUT_MS = 15_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MAX_MS = 10_000;
const SYNC_AGAIN_FIRST_MS = 500;
/** A socket that may have died while the page was not looked at has this long to answer. */
const PROBE_TIMEOUT_MS = 5_000;

export interface LinkOwner {
  /** Fetches what was missed; the status is `online` once it has resolved, and it is called again when it rejects. */
  catchUp(): Promise<void>;
  broken(): void;
  heard(event: string, payload: unknown): void;
  me(): Connection['me'];
  /** Whose client this is; null until that is known. */
  userId(): string | null;
  tokenCame(): void;
}

export type Ack = Record<string, unknown>;

export class Link {
  readonly state: Cell<Connection>;
  private readonly socket: Socket;
  private readonly backoff: Backoff;
  private readonly syncBackoff = new Backoff({ firstMs: SYNC_AGAIN_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  private shown: Pick<Connection, 'status' | 'since' | 'error'> = { status: 'closed', since: Date.now(), error: null };
  private token = '';
  /** Counts attempts and connections: what a former one still brings is not listened to. */
  private era = 0;
  private hasTried = false;
  private dropping = false;
  private tokenRefused = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopListening: (() => void) | null = null;

  constructor(
    options: ClientOptions,
    private readonly tokens: Tokens,
    pulse: Pulse,
    private readonly owner: LinkOwner,
  ) {
    const own = options.socketOptions ?? {};
    this.backoff = new Backoff({
      firstMs: numberOr(own.reconnectionDelay, RECONNECT_FIRST_MS),
      maxMs: numberOr(own.reconnectionDelayMax, RECONNECT_MAX_MS),
    });
    this.state = new Cell<Connection>(pulse, { ...this.shown, me: null }, (previous) => this.build(previous));
    this.socket = io(options.url.replace(/\/+$/, '') + NAMESPACE, {
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      timeout: CONNECT_TIMEOUT_MS,
      forceNew: true,
      ...own,
      autoConnect: false,
      reconnection: false,
      auth: (answer: (data: object) => void) => answer({ token: this.token }),
    });
    this.listen();
  }

  get status(): ConnectionStatus {
    return this.shown.status;
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  // ---- what the app asks for ----

  connect(): void {
    if (this.status !== 'closed') return;
    this.stopListening ??= listenAround({
      networkLost: () => this.networkLost(),
      networkFound: () => this.networkFound(),
      shown: () => this.pageShown(),
    });
    this.begin();
  }

  /** Tries at once. A connection that is there stays. */
  retry(): void {
    if (this.status === 'closed') return this.connect();
    if (this.connected) return;
    this.tokenRefused = false;
    this.begin();
  }

  close(): void {
    this.stopListening?.();
    this.stopListening = null;
    this.drop();
    this.enter('closed', null);
    this.hasTried = false;
  }

  /** Resolves with a good acknowledgement; rejects with the refusal, or because none came. */
  ask(event: string, payload: object, timeoutMs: number): Promise<Ack> {
    if (!this.connected) return Promise.reject(networkError());
    return new Promise((resolve, reject) => {
      this.socket.timeout(timeoutMs).emit(event, payload, (error: Error | null, ack: Ack | undefined) => {
        if (error) reject(this.connected ? timeoutError() : networkError());
        else if (ack?.ok === true) resolve(ack);
        else reject(errorOfAck(ack?.error));
      });
    });
  }

  /** Says it once, or not at all when there is no connection now. */
  tell(event: string, payload: object): void {
    if (this.connected) this.socket.volatile.emit(event, payload);
  }

  // ---- attempts ----

  private begin(): void {
    this.drop();
    this.enter(this.waitingStatus(), this.shown.error);
    void this.attempt(++this.era);
  }

  private async attempt(era: number): Promise<void> {
    this.wait(CONNECT_TIMEOUT_MS, () => this.tryLater(plainError(timeoutError())));
    let token: string;
    try {
      token = await this.tokens.fresh();
    } catch (error) {
      if (era === this.era) this.tryLater(plainError(asRequestError(error)));
      return;
    }
    if (era !== this.era) return;
    const owner = this.owner.userId();
    const holder = subjectOf(token);
    if (owner && holder && owner !== holder) return this.refuse(plainError(wrongUser()));
    this.owner.tokenCame();
    this.token = token;
    this.socket.connect();
  }

  private tryLater(error: VaultifyError): void {
    this.drop();
    this.hasTried = true;
    this.enter(this.waitingStatus(), error);
    this.wait(error.retryAfterMs ?? this.backoff.next(), () => this.begin());
  }

  /** The device's word is shown, and not relied on: it says "no network" also where the server is near. */
  private waitingStatus(): ConnectionStatus {
    if (networkIsLost()) return 'offline';
    return this.hasTried ? 'reconnecting' : 'connecting';
  }

  /** Another token may do, once: where there is a function that gives one, and it gives another one. */
  private async tokenWasRefused(error: VaultifyError): Promise<void> {
    const refused = this.token;
    const era = this.era;
    if (!this.tokens.renewable || this.tokenRefused) return this.refuse(error);
    this.tokenRefused = true;
    const other = await this.tokens.instead(refused).catch(() => null);
    if (era !== this.era) return;
    if (other === null) this.tryLater(error);
    else if (other === refused) this.refuse(error);
    else this.begin();
  }

  /** The identity is refused, by REST or by the socket: nothing goes on by itself. */
  private refuse(error: VaultifyError): void {
    this.drop();
    this.enter('refused', error);
  }

  /** Ends what is under way, without a word about it. */
  private drop(): void {
    clearTimeout(this.timer);
    this.era++;
    const wasConnected = this.connected;
    this.dropping = true;
    this.socket.disconnect();
    this.dropping = false;
    if (wasConnected) this.owner.broken();
  }

  private wait(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }

  // ---- what the socket says ----

  private listen(): void {
    this.socket.on('connect', () => this.accepted());
    this.socket.on('connect_error', (error) => this.notAccepted(error));
    this.socket.on('disconnect', () => this.broke());
    this.socket.onAny((event: string, payload: unknown) => {
      if (event === 'error') this.refusedLater(payload);
      this.owner.heard(event, payload);
    });
  }

  private accepted(): void {
    clearTimeout(this.timer);
    this.tokenRefused = false;
    this.hasTried = true;
    this.enter('syncing', null);
    void this.sync(this.era);
  }

  private async sync(era: number): Promise<void> {
    try {
      await this.owner.catchUp();
      if (era !== this.era) return;
      this.backoff.reset();
      this.syncBackoff.reset();
      this.enter('online', null);
    } catch (thrown) {
      if (era === this.era) this.syncFailed(plainError(thrown));
    }
  }

  private syncFailed(error: VaultifyError): void {
    if (error.status === 401 || isIdentityRefused(error.code)) return this.refuse(error);
    this.enter('syncing', error);
    const era = this.era;
    this.wait(error.retryAfterMs ?? this.syncBackoff.next(), () => void this.sync(era));
  }

  private notAccepted(error: Error & { data?: { code?: unknown } }): void {
    const code = error.data?.code;
    if (typeof code !== 'string') return this.tryLater(plainError(networkError(error.message)));
    const refusal = plainError(errorOfAck({ code, message: error.message }));
    if (isIdentityRefused(code)) void this.tokenWasRefused(refusal);
    else this.tryLater(refusal);
  }

  /** The server says so before it ends a connection whose token or user is no longer good. */
  private refusedLater(payload: unknown): void {
    const { code, event } = (payload ?? {}) as { code?: unknown; event?: unknown };
    if (event !== undefined || typeof code !== 'string') return;
    this.shown = { ...this.shown, error: plainError(errorOfAck(payload)) };
  }

  /** The socket ended, whoever ended it. After an end that was announced the next attempt begins at once. */
  private broke(): void {
    if (this.dropping) return;
    const { error } = this.shown;
    this.owner.broken();
    this.hasTried = true;
    if (error?.code === 'token_expired') this.begin();
    else this.tryLater(error ?? plainError(networkError('The connection broke')));
  }

  // ---- what the device says ----

  private networkLost(): void {
    if (this.status === 'closed' || this.status === 'refused') return;
    this.tryLater(plainError(networkError('The device has no network')));
  }

  private networkFound(): void {
    if (this.status === 'offline' || this.status === 'reconnecting') this.begin();
  }

  private pageShown(): void {
    if (this.connected) void this.probe(this.era);
    else if (this.status === 'reconnecting' || this.status === 'offline') this.begin();
  }

  /** A device that slept does not know yet that its connection is gone. */
  private async probe(era: number): Promise<void> {
    const estateId = this.owner.me()?.estate_id;
    if (!estateId) return;
    const answer = await this.ask('join_estate_group', { estateId }, PROBE_TIMEOUT_MS).catch(asRequestError);
    if (era !== this.era || !(answer instanceof Error) || answer.code !== 'timeout') return;
    this.begin();
  }

  // ---- the status ----

  private enter(status: ConnectionStatus, error: VaultifyError | null): void {
    const since = status === this.status ? this.shown.since : Date.now();
    this.shown = { status, since, error };
    this.state.touch();
  }

  private build(previous: Connection): Connection {
    const me = this.owner.me();
    const { status, since, error } = this.shown;
    const same =
      previous.status === status && previous.since === since && previous.error === error && previous.me === me;
    return same ? previous : { status, since, error, me };
  }
}

const numberOr = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise);
