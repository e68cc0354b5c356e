// Engine.IO 3 by hand: its payloads, as text and as bytes, and a polling session that speaks them.
import { get, post } from './polling.mjs';

/** Packets as "<length>:<packet>", one behind the other; the length counts UTF-16 units. */
export const payload3 = (...packets) => packets.map((p) => `${p.length}:${p}`).join('');

export function packets3(text) {
  const packets = [];
  for (let at = 0; at < text.length; ) {
    const colon = text.indexOf(':', at);
    const n = Number(text.slice(at, colon));
    packets.push(text.slice(colon + 1, colon + 1 + n));
    at = colon + 1 + n;
  }
  return packets;
}

/** The same as bytes: 0 or 1 for text or binary, the digits of the length, 255, the packet. Buffers are binary. */
export const bytes3 = (...packets) =>
  Buffer.concat(
    packets.map((packet) => {
      const isText = typeof packet === 'string';
      const data = Buffer.from(packet);
      const digits = String(isText ? packet.length : data.length);
      return Buffer.concat([Buffer.from([isText ? 0 : 1, ...[...digits].map(Number), 255]), data]);
    }),
  );

export function packetsOfBytes3(bytes) {
  const packets = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(255, at);
    const n = Number([...bytes.subarray(at + 1, end)].join(''));
    const packet = bytes.subarray(end + 1, end + 1 + n);
    packets.push(bytes[at] ? [...packet] : packet.toString());
    at = end + 1 + n;
  }
  return packets;
}

export class Polling3 {
  constructor(server, more = '&b64=1') {
    this.server = server;
    this.more = more;
    this.packets = [];
  }

  async open() {
    const answer = await get(this.server, `EIO=3&transport=polling${this.more}`);
    if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${answer.text}`);
    const [open, ...rest] = packets3(answer.text);
    this.packets.push(...rest);
    this.handshake = JSON.parse(open.slice(1));
    this.sid = this.handshake.sid;
    return this;
  }

  get query() {
    return `EIO=3&transport=polling${this.more}&sid=${this.sid}`;
  }

  get() {
    return get(this.server, this.query);
  }

  /** Packets of text in one body. */
  post(...packets) {
    return post(this.server, this.query, payload3(...packets));
  }

  async poll() {
    const answer = await this.get();
    if (answer.status !== 200) throw new Error(`poll: ${answer.status} ${answer.text}`);
    const packets = packets3(answer.text);
    this.packets.push(...packets);
    return packets;
  }

  async until(match) {
    for (;;) {
      const found = this.packets.find((p) => (typeof match === 'string' ? p === match : match(p)));
      if (found !== undefined) return found;
      await this.poll();
    }
  }
}

export async function polling3(t, server, more) {
  const client = await new Polling3(server, more).open();
  t.after(() => client.post('1').catch(() => {}));
  return client;
}
