// What the stand-ins of push services have in common: HTTP/2 (and 1.1) over TLS on a port of their own, answers that a
// test dictates, and a memory of what came for each device.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import tls from 'node:tls';
import { until } from '../suite.mjs';

/** One request and its answer. */
class Exchange {
  constructor(req, res, body) {
    Object.assign(this, { req, res, body, at: Date.now(), path: req.url, headers: req.headers, http2: req.httpVersionMajor === 2 });
  }

  get session() {
    return this.http2 ? this.req.stream.session : this.req.socket;
  }

  send(status, headers = {}, body = '') {
    if (this.res.writableEnded || this.res.destroyed || this.res.stream?.destroyed) return;
    this.res.writeHead(status, headers);
    this.res.end(body);
  }

  json(status, value, headers = {}) {
    this.send(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
  }

  /** Half of an answer, and then the stream is reset. */
  reset(status) {
    this.res.writeHead(status, { 'content-length': '1000' });
    this.res.write('{"half');
    setImmediate(() => (this.http2 ? this.res.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR) : this.req.socket.destroy()));
  }
}

/** How any service may fail, whatever it speaks: these take the place of an answer. */
export const FAULTS = {
  hang: () => {},
  reset: (x) => x.reset(200),
  drop: (x) => x.session.destroy(),
  garbage: (x) => x.send(200, { 'content-type': 'application/json' }, randomBytes(3000)),
  endless: (x) => x.send(200, { 'content-type': 'application/json' }, Buffer.alloc(1 << 20, '[')),
};

/** So many requests a connection, then GOAWAY, as real services say it. It is also in time: libcurl 7.88 resets each stream
 * when it is over, and Node takes a thousand resets for an attack. */
const REQUESTS_A_CONNECTION = 900;

function retire(session) {
  let count = 0;
  session.on('stream', () => ++count === REQUESTS_A_CONNECTION && session.close());
}

/**
 * A stand-in. `handle(exchange)` is the service itself, `answers` the table of what it may say, `good` the best of them.
 * For each push it calls `take`, and answers as that says.
 */
export class Stand {
  constructor(name, files, settings = {}) {
    Object.assign(this, { name, files, settings, port: 0, log: [], devices: new Map(), complaints: [], requests: 0, sessions: new Set() });
    this.down = null; // what every request gets, whatever is in it: one of FAULTS, or an answer
    this.everyone = null; // what every push gets, instead of its device's own answers
  }

  get url() {
    return `https://127.0.0.1:${this.port}`;
  }

  // ---- its life ----

  async open(files = this.files) {
    const options = { key: readFileSync(files.key), cert: readFileSync(files.chain), allowHTTP1: true, settings: this.settings };
    this.server = http2.createSecureServer(options, (req, res) => this.#read(req, res));
    return this.#listen();
  }

  /** Speaks TLS, and nonsense instead of HTTP. */
  async openGarbage() {
    const options = { key: readFileSync(this.files.key), cert: readFileSync(this.files.chain), ALPNProtocols: ['h2', 'http/1.1'] };
    this.server = tls.createServer(options, (socket) => socket.on('error', () => {}).write(randomBytes(5000)));
    return this.#listen();
  }

  async #listen() {
    this.connections = 0;
    this.server.on('connection', (socket) => this.#keep(socket));
    this.server.on('session', retire).on('tlsClientError', () => {}).on('sessionError', () => {});
    await new Promise((done, fail) => this.server.on('error', fail).listen(this.port, '127.0.0.1', done));
    this.port = this.server.address().port;
    return this;
  }

  #keep(socket) {
    this.connections++;
    this.sessions.add(socket);
    socket.on('error', () => {}).on('close', () => this.sessions.delete(socket));
  }

  async close() {
    const closed = new Promise((done) => this.server.close(done));
    for (const socket of this.sessions) socket.destroy();
    await closed;
  }

  // ---- requests ----

  #read(req, res) {
    const chunks = [];
    req.on('data', (d) => chunks.push(d)).on('error', () => {});
    res.on('error', () => {});
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      if (body.length < Number(req.headers['content-length'])) return; // its sender was killed in the middle of it
      this.requests++;
      const exchange = new Exchange(req, res, body);
      try {
        if (this.down) this.reply(exchange, this.down);
        else this.handle(exchange);
      } catch (error) {
        this.complain(`it broke the stand-in: ${error.stack}`);
        exchange.send(500);
      }
    });
  }

  /** Something that no client may do: the service refuses it, and the test fails at its end. */
  complain(what) {
    this.complaints.push(`${this.name}: ${what}`);
  }

  // ---- devices ----

  /** Another app on another phone; `dictated`: answers to its next pushes, the first one first. */
  add(token, more) {
    const device = { token, dictated: [], attempts: [], pushes: [], ...more };
    this.devices.set(token, device);
    return device;
  }

  /** One push has come, with all that was said: kept; and what is to be answered. `refusal`: the service's own, if it has one. */
  take(device, note, exchange, refusal) {
    const answer = refusal ?? this.everyone ?? device.dictated.shift() ?? device.always ?? this.good;
    const push = { at: exchange.at, token: device.token, device, answer, accepted: answer === this.good, ...note };
    this.log.push(push);
    device.attempts.push(push);
    if (push.accepted) device.pushes.push(push);
    return answer;
  }

  /** Answers as one of FAULTS, or of the service's own `answers`: a name there, or what would stand there. */
  reply(exchange, answer) {
    if (FAULTS[answer]) return FAULTS[answer](exchange);
    const { status, headers, body } = typeof answer === 'string' ? this.answers[answer] : answer;
    return body === undefined ? exchange.send(status, headers) : exchange.json(status, body, headers);
  }

  /** The device's next pushes are answered so, one each; after them all is well. */
  answer(device, ...answers) {
    device.dictated.push(...answers);
  }

  // ---- waiting ----

  /** The first `n` pushes that the service accepted for the device. */
  async pushed(device, n = 1, ms) {
    const shown = () => JSON.stringify(device.attempts.slice(-5).map((p) => [p.answer, p.title, p.body, p.seq]));
    await until(() => device.pushes.length >= n, () => `${n} pushes by ${this.name}; got ${device.pushes.length}, attempts ${device.attempts.length} ${shown()} ${this.complaints.slice(-3)}`, ms);
    return device.pushes.slice(0, n);
  }

  async tried(device, n = 1, ms) {
    await until(() => device.attempts.length >= n, () => `${n} attempts by ${this.name}; got ${device.attempts.length}`, ms);
    return device.attempts.slice(0, n);
  }
}
