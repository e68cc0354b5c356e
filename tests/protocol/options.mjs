// What an operator may switch on: the cookie, compressed answers, a say in handshakes, header lines, transports.
import assert from 'node:assert/strict';
import { gunzipSync, inflateSync } from 'node:zlib';
import { both, pair } from '../harness/both.mjs';
import { client } from '../harness/features.mjs';
import { fetchOnce, http } from '../harness/http.mjs';
import { get, polling } from '../harness/polling.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { HANDSHAKE, joinedPolling, PATH } from '../harness/wire.mjs';

const plain = pair();
const baked = pair({ cookie: 'io' });

function upgrade(t, server, query = '', more = {}) {
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13', ...more };
  return http(t, server).ask('GET', `${PATH}?EIO=4&transport=websocket${query}`, { headers }).answer();
}

// ---- the cookie ----

both('cookie: set by the polling handshake', baked, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE);
  const { sid } = JSON.parse(answer.text.slice(1));
  assert.equal(answer.headers['set-cookie'], `io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
});

both('cookie: not by later answers, errors or a WebSocket', baked, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('421["in","x"]');
  for (const answer of [await get(server, poll.query), await poll.post('6'), await get(server, 'EIO=4&transport=x'), await upgrade(t, server), await upgrade(t, server, `&sid=${poll.sid}`)])
    assert.equal(answer.headers['set-cookie'], undefined, String(answer.status));
});

both('cookie: none unless it is switched on', plain, async (t, server) => {
  assert.equal((await fetchOnce(t, server, 'GET', HANDSHAKE)).headers['set-cookie'], undefined);
});

// ---- compressed answers ----

/** The answer to a poll behind an event of that size. */
async function large(t, server, headers, size = 3000) {
  const poll = await joinedPolling(t, server);
  await poll.post(`42["orders",[{"op":"emitSelf","event":"n","size":${size}}]]`);
  return fetchOnce(t, server, 'GET', `${PATH}?${poll.query}`, { headers });
}

const text = (size) => `42["n",0,"${'x'.repeat(size)}"]`;

for (const [accepted, encoding, undo] of [
  ['gzip', 'gzip', gunzipSync],
  ['deflate', 'deflate', inflateSync],
  ['gzip, deflate', 'gzip', gunzipSync],
  ['gzip;q=0.1, deflate;q=0.9', 'deflate', inflateSync],
  ['gzip;q=0, deflate', 'deflate', inflateSync],
  ['br, gzip', 'gzip', gunzipSync],
  ['*', 'gzip', gunzipSync],
])
  both(`compression: ${accepted}`, plain, async (t, server) => {
    const answer = await large(t, server, { 'Accept-Encoding': accepted });
    assert.equal(answer.headers['content-encoding'], encoding);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(undo(answer.body).toString(), text(3000));
  });

for (const accepted of ['br', 'identity', 'gzip;q=0', '', undefined])
  both(`compression: none for ${accepted === undefined ? 'who does not ask' : `"${accepted}"`}`, plain, async (t, server) => {
    const answer = await large(t, server, accepted === undefined ? {} : { 'Accept-Encoding': accepted });
    assert.equal(answer.headers['content-encoding'], undefined);
    assert.equal(Number(answer.headers['content-length']), answer.body.length);
    assert.equal(answer.text, text(3000));
  });

both('compression: none for a small answer', plain, async (t, server) => {
  const answer = await large(t, server, { 'Accept-Encoding': 'gzip' }, 500);
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(answer.text, text(500));
});

both('compression: none when it is switched off', pair({ 'http-compression': 0 }), async (t, server) => {
  assert.equal((await large(t, server, { 'Accept-Encoding': 'gzip' })).headers['content-encoding'], undefined);
});

both('compression: a compressed answer leaves the connection fit for the next', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const connection = http(t, server);
  for (let i = 0; i < 3; i++) {
    await poll.post('42["orders",[{"op":"emitSelf","event":"n","size":3000}]]');
    const answer = await connection.ask('GET', `${PATH}?${poll.query}`, { headers: { 'Accept-Encoding': 'gzip' } }).answer(i);
    assert.equal(gunzipSync(answer.body).toString(), text(3000));
  }
});

// ---- who may come in ----

for (const [asked, message] of [['default', 'Forbidden'], ['not you', 'not you']])
  both(`a refused handshake: ${message}`, plain, async (t, server) => {
    const headers = { 'x-refuse': asked };
    const answer = await fetchOnce(t, server, 'GET', HANDSHAKE, { headers });
    assert.deepEqual([answer.status, answer.text], [403, JSON.stringify({ code: 4, message })]);
    assert.equal(answer.headers['content-type'], 'application/json');
    const upgraded = await upgrade(t, server, '', headers);
    assert.deepEqual([upgraded.status, upgraded.text], [400, message]);
  });

both('nobody is asked for a session that is there', plain, async (t, server) => {
  const poll = await polling(t, server);
  const headers = { 'x-refuse': 'default' };
  assert.equal((await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { body: '40', headers })).text, 'ok');
  assert.equal((await upgrade(t, server, `&sid=${poll.sid}`, headers)).status, 101);
});

both('the stock client is refused, and let in', plain, async (t, server) => {
  const refused = client(t, server, { transports: ['polling'], extraHeaders: { 'x-refuse': 'default' }, reconnection: false });
  await until(() => refused.errors.length, 'the refusal');
  assert.equal(refused.errors[0].message, 'xhr poll error');
  await client(t, server, { transports: ['polling'] }).in();
});

// ---- header lines ----

const lines = (answer) => [answer.headers['x-initial'], answer.headers['x-every']];

both('header lines: of the first answer, and of every good one', plain, async (t, server) => {
  assert.deepEqual(lines(await fetchOnce(t, server, 'GET', HANDSHAKE)), ['yes', 'yes']);
  assert.deepEqual(lines(await upgrade(t, server)), ['yes', 'yes']);
  const poll = await polling(t, server);
  assert.deepEqual(lines(await poll.post('40')), [undefined, 'yes']);
  assert.deepEqual(lines(await poll.get()), [undefined, 'yes']);
  assert.deepEqual(lines(await upgrade(t, server, `&sid=${poll.sid}`)), [undefined, 'yes']);
});

both('header lines: none on errors', plain, async (t, server) => {
  for (const target of [`${PATH}?EIO=4&transport=x`, `${HANDSHAKE}&sid=unknown`]) assert.deepEqual(lines(await fetchOnce(t, server, 'GET', target)), [undefined, undefined]);
});

// ---- transports ----

both('transports: without WebSocket none is offered, and none accepted', pair({ transports: 'polling' }), async (t, server) => {
  const poll = await polling(t, server);
  assert.deepEqual(poll.handshake.upgrades, []);
  const ws = rawWebSocket(t, server);
  await until(() => ws.refused || ws.ended, 'the refusal');
  assert.equal(ws.open, false);
});

both('transports: without polling a GET is refused', pair({ transports: 'websocket' }), async (t, server) => {
  assert.equal((await get(server, 'EIO=4&transport=polling')).text, '{"code":0,"message":"Transport unknown"}');
  assert.equal((await upgrade(t, server)).status, 101);
});

both('upgrades that are not offered are accepted all the same', pair({ 'allow-upgrades': 0 }), async (t, server) => {
  const poll = await joinedPolling(t, server);
  assert.deepEqual(poll.handshake.upgrades, []);
  const ws = rawWebSocket(t, server, { query: `EIO=4&transport=websocket&sid=${poll.sid}` });
  await until(() => ws.open, 'the 101');
  ws.send('2probe');
  await ws.next('3probe');
  ws.send('5').send('421["in","x"]');
  await ws.next('431[false]');
});
