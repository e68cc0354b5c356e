// Engine.IO long-polling by hand: each request is one that the test asked for, on a TCP connection of its own.
import { request } from './rest.mjs';

export const SEPARATOR = '\x1e';

export const get = (server, query, options) => request(server, 'GET', `/socket.io/?${query}`, { ms: 60_000, ...options });
export const post = (server, query, body, options) =>
  request(server, 'POST', `/socket.io/?${query}`, { raw: body, headers: { 'Content-Type': 'text/plain;charset=UTF-8' }, ...options });

export class Polling {
  constructor(server) {
    this.server = server;
    this.packets = [];
  }

  async open() {
    const answer = await get(this.server, 'EIO=4&transport=polling');
    if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${answer.text}`);
    this.handshake = JSON.parse(answer.text.slice(1));
    this.sid = this.handshake.sid;
    return this;
  }

  get query() {
    return `EIO=4&transport=polling&sid=${this.sid}`;
  }

  get(options) {
    return get(this.server, this.query, options);
  }

  post(body, options) {
    return post(this.server, this.query, body, options);
  }

  /** One poll, split into its packets; they are also kept. */
  async poll(options) {
    const answer = await this.get(options);
    if (answer.status !== 200) throw new Error(`poll: ${answer.status} ${answer.text}`);
    const packets = answer.text.split(SEPARATOR);
    this.packets.push(...packets);
    return packets;
  }

  /** Polls until a packet matches. Heartbeats are answered. */
  async until(match) {
    for (;;) {
      const found = this.packets.find(match);
      if (found !== undefined) return found;
      for (const packet of await this.poll()) if (packet === '2') await this.post('3');
    }
  }

  async enter(token, namespace = '/messaging') {
    const answer = await this.post(`40${namespace},${JSON.stringify({ token })}`);
    if (answer.status !== 200) throw new Error(`CONNECT: ${answer.status} ${answer.text}`);
    const packet = await this.until((p) => p.startsWith(`40${namespace},`) || p.startsWith('44'));
    if (packet.startsWith('44')) throw new Error(`refused: ${packet}`);
    return this;
  }

  async close() {
    await this.post('1').catch(() => {});
  }
}

export async function polling(t, server) {
  const client = await new Polling(server).open();
  t.after(() => client.close());
  return client;
}
