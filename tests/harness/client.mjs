// The official client with a memory: every event is kept in its order of arrival.
import { io } from 'socket.io-client';
import { soon, until } from './suite.mjs';

export class Client {
  constructor(server, user, options = {}) {
    this.user = user;
    this.log = [];
    const { token = user?.token, namespace = '/messaging', ...rest } = options;
    this.socket = io(server.url + namespace, {
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      auth: token === null ? undefined : { token },
      ...rest,
    });
    this.disconnects = [];
    this.connectErrors = [];
    this.connects = 0;
    this.socket.on('connect', () => this.connects++);
    this.socket.on('disconnect', (reason) => this.disconnects.push(reason));
    this.socket.on('connect_error', (error) => this.connectErrors.push(error));
    this.socket.onAny((event, ...args) => this.log.push({ event, data: args[0], args, at: Date.now() }));
  }

  /** Resolves when the server has accepted; rejects with its refusal. */
  async connected() {
    await soon(
      new Promise((resolve, reject) => {
        if (this.socket.connected) return resolve();
        this.socket.once('connect', resolve);
        this.socket.once('connect_error', reject);
      }),
      'the client to connect',
      20_000,
    );
    return this;
  }

  /** The refusal of a connect that must not succeed. */
  async refusal() {
    return until(() => {
      if (this.connects) throw new Error('the connect was accepted');
      return this.connectErrors[0];
    }, 'the connect to be refused');
  }

  get transport() {
    return this.socket.io.engine?.transport?.name;
  }

  /** For error messages. */
  state() {
    const engine = this.socket.io.engine;
    return `${this.user?.first} on ${this.socket.io.opts.transports} ${this.socket.connected ? 'connected' : 'not connected'} (engine ${engine?.readyState}, ${engine?.transport?.name}, upgrading ${engine?.upgrading}; connects ${this.connects}, disconnects ${this.disconnects})`;
  }

  all(event, match = () => true) {
    return this.log.filter((e) => e.event === event && match(e.data)).map((e) => e.data);
  }

  /** The first event of that name that matches, also one that came before. */
  async next(event, match = () => true, ms = 10_000) {
    return until(
      () => this.log.find((e) => e.event === event && match(e.data)),
      () => `${event} at ${this.user?.first}; got ${JSON.stringify(this.log.slice(-8).map((e) => [e.event, e.data])).slice(0, 1500)}`,
      ms,
    ).then((e) => e.data);
  }

  async count(event, n, match = () => true, ms = 10_000) {
    await until(() => this.all(event, match).length >= n, () => `${n} ${event} at ${this.user?.first}; got ${this.all(event, match).length}`, ms);
    return this.all(event, match);
  }

  /** Emits with an acknowledgement and returns it. */
  ask(event, payload, ms = 10_000) {
    return soon(new Promise((done) => this.socket.emit(event, payload, done)), `the ack of ${event}`, ms);
  }

  /** The same; the answer must be good. */
  async must(event, payload, ms) {
    const answer = await this.ask(event, payload, ms);
    if (answer?.ok !== true) throw new Error(`${event} ${JSON.stringify(payload).slice(0, 300)} was refused: ${JSON.stringify(answer)}`);
    return answer;
  }

  emit(event, ...args) {
    this.socket.emit(event, ...args);
  }

  forget() {
    this.log.length = 0;
  }

  /** A question that comes back behind everything this socket was sent before: an order mark, not a delay. */
  async settle() {
    await this.ask('join_estate_group', { estateId: this.user.estateId });
  }

  /** Ends the connection under the client, which comes back by itself. (Cut while it opens, it would wait for 20 s.) */
  cut() {
    if (this.socket.connected) this.socket.io.engine.close();
  }

  close() {
    this.socket.disconnect();
    this.socket.io.engine?.close();
  }
}

/** A connected client that is closed when the test ends. */
export async function connect(t, server, user, options) {
  const client = new Client(server, user, options);
  t.after(() => client.close());
  return client.connected();
}

/** Several at once. */
export const connectAll = (t, server, users, options) => Promise.all(users.map((u) => connect(t, server, u, options)));
