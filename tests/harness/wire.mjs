// How the protocol tests begin: a session by hand on either transport, joined or not, and a poll that is known to be pending.
import assert from 'node:assert/strict';
import { http } from './http.mjs';
import { polling } from './polling.mjs';
import { rawWebSocket } from './raw.mjs';

export const PATH = '/socket.io/';
export const HANDSHAKE = `${PATH}?EIO=4&transport=polling`;

/** The Socket.IO id in a CONNECT answer. */
export const sidOf = (packet) => JSON.parse(packet.slice(packet.indexOf('{'))).sid;

/** A polling session that has joined a namespace; `id` is its socket. */
export async function joinedPolling(t, server, packet = '40') {
  const poll = await polling(t, server);
  assert.equal((await poll.post(packet)).text, 'ok');
  poll.id = sidOf(await poll.until((p) => p.startsWith(packet.split('{')[0])));
  return poll;
}

/** A WebSocket session whose open packet has come. */
export async function openWebSocket(t, server, options) {
  const ws = rawWebSocket(t, server, options);
  ws.handshake = JSON.parse((await ws.next((x) => x.startsWith('0{'))).slice(1));
  return ws;
}

/** A WebSocket session that has joined a namespace; `id` is its socket. */
export async function joinedWebSocket(t, server, packet = '40') {
  const ws = await openWebSocket(t, server);
  ws.send(packet);
  ws.id = sidOf(await ws.next((x) => x.startsWith(packet.split('{')[0])));
  return ws;
}

/**
 * A GET that the server has certainly begun to hold: it is written behind a POST of a noop on one connection, and the
 * POST has been answered. Resolves to {connection, answer()}.
 */
export async function pendingPoll(t, server, poll) {
  const connection = http(t, server);
  const target = `${PATH}?${poll.query}`;
  connection.ask('POST', target, { body: '6' }).ask('GET', target);
  assert.equal((await connection.answer(0)).text, 'ok');
  return { connection, answer: (ms) => connection.answer(1, ms) };
}

/** Everything the session was sent before this has been received: an order mark, not a delay. */
let marks = 1000;
export async function settle(session) {
  const mark = ++marks;
  if (session.send) {
    session.send(`42${mark}["in","nowhere"]`);
    await session.next(`43${mark}[false]`);
  } else {
    assert.equal((await session.post(`42${mark}["in","nowhere"]`)).text, 'ok');
    await session.until((p) => p === `43${mark}[false]`);
  }
}

/** The session is unknown from now on. */
export async function isGone(poll) {
  const answer = await poll.get();
  assert.deepEqual([answer.status, answer.text], [400, '{"code":1,"message":"Session ID unknown"}']);
}

/** The packets of one answer. */
export const packetsOf = (answer) => answer.text.split('\x1e');
