// Bytes over TCP: requests that no client library would send, and WebSocket frames made by hand.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { until } from './suite.mjs';

/** A TCP connection that remembers what it received. */
export class Tcp {
  #chunks = [];

  constructor(port, { secure = false, ...options } = {}) {
    this.ended = false;
    this.socket = secure ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }) : net.connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (d) => this.received(d));
    this.socket.on('error', () => (this.ended = true));
    this.socket.on('end', () => (this.ended = true));
    this.socket.on('close', () => (this.ended = true));
  }

  write(data) {
    if (!this.socket.destroyed) this.socket.write(data);
    return this;
  }

  received(data) {
    this.#chunks.push(data);
  }

  /** All that came, put together when it is asked for. */
  get buffer() {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  get text() {
    return this.buffer.toString('latin1');
  }

  /** The status of the first answer. */
  async status(ms) {
    await until(() => /^HTTP\/1\.[01] \d{3}/.test(this.text) || this.ended, () => `an HTTP status; got ${JSON.stringify(this.text.slice(0, 200))}`, ms);
    return Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.text)?.[1] ?? 0);
  }

  async end(ms) {
    await until(() => this.ended, 'the server to close the connection', ms);
  }

  close() {
    this.socket.destroy();
  }
}

export function tcp(t, server) {
  const connection = new Tcp(server.port, { secure: server.scheme === 'https' });
  t.after(() => connection.close());
  return connection;
}

/** One client frame, masked unless told otherwise. */
export function frame(opcode, payload = '', { fin = true, rsv = 0, masked = true, length } = {}) {
  const data = Buffer.from(payload);
  const n = length ?? data.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const bit = masked ? 0x80 : 0;
  if (n < 126) head.push(bit | n);
  else if (n < 65536) head.push(bit | 126, n >> 8, n & 255);
  else head.push(bit | 127, 0, 0, 0, 0, (n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
  if (!masked) return Buffer.concat([Buffer.from(head), data]);
  const mask = randomBytes(4);
  const body = Buffer.from(data);
  for (let i = 0; i < body.length; i++) body[i] ^= mask[i & 3];
  return Buffer.concat([Buffer.from(head), mask, body]);
}

export const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, CONTINUATION = 0;

/** A raw WebSocket on /socket.io/: `frames` are {opcode, payload} as they came. */
export class RawWebSocket extends Tcp {
  #waiting = []; // chunks that hold no whole frame yet
  #bytes = 0; // in them
  #need = 0; // … and how many are worth another look

  constructor(port, { query = 'EIO=4&transport=websocket', path = '/socket.io/', headers = '', key = randomBytes(16).toString('base64'), secure = false } = {}) {
    super(port, { secure });
    this.frames = [];
    this.open = false;
    this.refused = null;
    this.write(`GET ${path}?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n`);
  }

  received(data) {
    super.received(data);
    this.#waiting.push(data);
    this.#bytes += data.length;
    if (this.#bytes < this.#need) return;
    const rest = this.#take(Buffer.concat(this.#waiting));
    this.#waiting = [rest];
    this.#bytes = rest.length;
  }

  /** Takes the handshake's answer and whole frames from the front; what is left. */
  #take(rest) {
    this.#need = 0;
    if (!this.open) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return rest;
      const status = Number(rest.toString('latin1', 9, 12));
      if (status !== 101) {
        this.refused = status;
        return rest;
      }
      this.open = true;
      rest = rest.subarray(end + 4);
    }
    while (rest.length >= 2) {
      const short = rest[1] & 127;
      const at = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (rest.length < at) return rest;
      const n = short === 127 ? Number(rest.readBigUInt64BE(2)) : short === 126 ? rest.readUInt16BE(2) : short;
      this.#need = at + n;
      if (rest.length < at + n) return rest;
      this.frames.push({ opcode: rest[0] & 15, fin: !!(rest[0] & 128), rsv: (rest[0] >> 4) & 7, masked: !!(rest[1] & 128), payload: rest.subarray(at, at + n) });
      rest = rest.subarray(at + n);
      this.#need = 0;
    }
    return rest;
  }

  get texts() {
    return this.frames.filter((f) => f.opcode === TEXT).map((f) => f.payload.toString());
  }

  send(text) {
    return this.write(frame(TEXT, text));
  }

  async next(match, ms) {
    return until(
      () => {
        const found = this.texts.find((x) => (typeof match === 'string' ? x === match : match(x)));
        if (found === undefined && (this.ended || this.refused)) throw new Error(`the connection ended (${this.refused ?? 'closed'}); got ${JSON.stringify(this.texts)}`);
        return found;
      },
      () => `a frame ${match}; got ${JSON.stringify(this.texts.slice(-5))}`,
      ms,
    );
  }

  /** The code of the server's close frame: 0 for an empty one, null when TCP ended without one. */
  async closed(ms) {
    await until(() => this.ended || this.frames.some((f) => f.opcode === CLOSE), () => `the server to close; got ${JSON.stringify(this.texts.slice(-5))}`, ms);
    const last = this.frames.find((f) => f.opcode === CLOSE);
    return last ? (last.payload.length >= 2 ? last.payload.readUInt16BE(0) : 0) : null;
  }

  /** Handshake and CONNECT to the product's namespace. */
  async enter(token, namespace = '/messaging') {
    await this.next((x) => x.startsWith('0{'));
    this.send(`40${namespace},${JSON.stringify({ token })}`);
    await this.next((x) => x.startsWith(`40${namespace},`));
    return this;
  }
}

export function rawWebSocket(t, server, options) {
  const ws = new RawWebSocket(server.port, { secure: server.scheme === 'https', ...options });
  t.after(() => ws.close());
  return ws;
}
