// Payloads of long-polling: packets in a body, binary as base64, what ends the session, the heartbeat, the limits.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { fetchOnce } from '../harness/http.mjs';
import { polling, SEPARATOR } from '../harness/polling.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { HANDSHAKE, isGone, joinedPolling, packetsOf, PATH, pendingPoll, settle } from '../harness/wire.mjs';

const plain = pair();
const beating = pair({ 'ping-interval': 300, 'ping-timeout': 400 });
const echoHead = '451-["echo",{"_placeholder":true,"num":0}]';

// ---- packets in and out ----

both('packets are joined with the separator in both directions', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  assert.equal((await poll.post(['421["in","a"]', '422["in","b"]', '423["in","c"]'].join(SEPARATOR))).text, 'ok');
  await poll.until((p) => p === '433[false]');
  assert.deepEqual(poll.packets.slice(1), ['431[false]', '432[false]', '433[false]']);
});

both('what waits while nobody polls comes in one answer, in order', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  for (let i = 0; i < 5; i++) await poll.post(`42["echo",${i}]`);
  await poll.post('429["in","x"]');
  assert.deepEqual(await poll.poll(), [...Array.from({ length: 5 }, (_, i) => `42["echo",${i}]`), '439[false]']);
});

both('a pending poll is answered at once', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const pending = await pendingPoll(t, server, poll);
  await poll.post('421["in","x"]');
  assert.equal((await pending.answer()).text, '431[false]');
});

both('a POST is answered when its packets have been processed', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('421["join","here"]');
  await poll.post('422["in","here"]');
  assert.deepEqual(await poll.poll(), ['431[]', '432[true]']);
});

// ---- binary ----

both('binary goes out as "b" and base64 with padding', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  for (const bytes of ['AA==', 'AAE=', 'AAEC', '+/+/', '']) {
    await poll.post([echoHead, `b${bytes}`].join(SEPARATOR));
    await settle(poll);
    const at = poll.packets.lastIndexOf(echoHead);
    assert.equal(poll.packets[at + 1], `b${bytes}`);
  }
});

for (const [what, sent, back] of [
  ['without padding', 'AQIDBA', 'AQIDBA=='],
  ['of the URL alphabet', '-_-_', '+/+/'],
  ['with spaces in it', 'AQ ID BA==', 'AQIDBA=='],
  ['that is garbage', '!?!', ''],
])
  both(`base64 ${what} is accepted`, plain, async (t, server) => {
    const poll = await joinedPolling(t, server);
    await poll.post([echoHead, `b${sent}`].join(SEPARATOR));
    await settle(poll);
    assert.deepEqual(poll.packets.slice(1, 3), [echoHead, `b${back}`]);
  });

both('header and attachments may come in different POSTs', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('452-["echo",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]');
  await poll.post('bAQ==');
  await poll.post('bAg==');
  await settle(poll);
  const at = poll.packets.findIndex((p) => p.startsWith('452-["echo"'));
  assert.equal(poll.packets.slice(at + 1, at + 3).sort().join(), 'bAQ==,bAg==');
});

both('U+FFFD takes the place of bytes that are not UTF-8', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const answer = await poll.post(Buffer.concat([Buffer.from('42["echo","a'), Buffer.from([0xff, 0xc3]), Buffer.from('b"]')]));
  assert.equal(answer.text, 'ok');
  await poll.until((p) => p === '42["echo","a\ufffd\ufffdb"]');
});

both('text beyond ASCII, its Content-Length in bytes', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('42["echo","ü漢😀\u2028"]');
  const answer = await fetchOnce(t, server, 'GET', `${PATH}?${poll.query}`);
  assert.equal(packetsOf(answer)[0], '42["echo","ü漢😀\u2028"]');
  assert.equal(Number(answer.headers['content-length']), answer.body.length);
});

// ---- what ends the session, what is ignored ----

for (const [what, body] of [
  ['an empty body', ''],
  ['a separator at the end', `6${SEPARATOR}`],
  ['two separators', `6${SEPARATOR}${SEPARATOR}6`],
  ['an unknown packet type', 'abc'],
  ['a client ping', '2'],
  ['a packet type of two digits', '7'],
])
  both(`ends the session: ${what}`, plain, async (t, server) => {
    const poll = await joinedPolling(t, server);
    const answer = await poll.post(body);
    assert.deepEqual([answer.status, answer.text], [200, 'ok']);
    await isGone(poll);
  });

both('open, upgrade, noop, and a pong that nobody asked for are ignored', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  for (const packet of ['0', '0{}', '5', '6', '3', '3probe', ['6', '5', '3'].join(SEPARATOR)]) assert.equal((await poll.post(packet)).text, 'ok');
  await settle(poll);
});

both('"1" closes: the pending GET gets "6", the session is gone', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const pending = await pendingPoll(t, server, poll);
  assert.equal((await poll.post('1')).text, 'ok');
  assert.equal((await pending.answer()).text, '6');
  await isGone(poll);
});

both('packets behind "1" are dropped', plain, async (t, server) => {
  const watch = await joinedPolling(t, server);
  await watch.post('421["join","behind one"]');
  const poll = await joinedPolling(t, server);
  await poll.post(['1', '42["orders",[{"op":"emit","rooms":["behind one"],"event":"late"}]]'].join(SEPARATOR));
  await isGone(poll);
  await settle(watch);
  assert.ok(!watch.packets.some((p) => p.includes('late')), watch.packets);
});

// ---- the server closes ----

both('a close by the server answers the pending GET with "1"', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const pending = await pendingPoll(t, server, poll);
  await poll.post('42["disconnect-me",true]');
  assert.deepEqual(packetsOf(await pending.answer()).at(-1), '1');
  await isGone(poll);
});

both('a close by the server waits for the next GET; POSTs until then are ignored', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('42["disconnect-me",true]');
  assert.equal((await poll.post('42["echo"]')).text, 'ok');
  assert.equal(packetsOf(await poll.get()).at(-1), '1');
  await isGone(poll);
});

// ---- the heartbeat ----

both('a ping comes an interval after the handshake, and after each pong', beating, async (t, server) => {
  let begun = Date.now();
  const poll = await polling(t, server);
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await poll.poll(), ['2']);
    assert.ok(Date.now() - begun >= 295, `${Date.now() - begun} ms`);
    begun = Date.now();
    assert.equal((await poll.post('3')).text, 'ok');
  }
});

both('without a pong a pending GET gets "1", and the session is gone', beating, async (t, server) => {
  const poll = await polling(t, server);
  assert.deepEqual(await poll.poll(), ['2']);
  assert.deepEqual(await poll.poll(), ['1']);
  await isGone(poll);
});

both('a ping waits for who does not poll', beating, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await new Promise((done) => setTimeout(done, 350));
  await poll.until((p) => p === '2');
});

both('who never polls is gone', beating, async (t, server) => {
  const begun = Date.now();
  const poll = await polling(t, server);
  await until(async () => (await poll.post('6')).status === 400, 'the end of the session', 5000);
  assert.ok(Date.now() - begun >= 600, `${Date.now() - begun} ms`);
  await isGone(poll);
});

both('a pong nobody asked for puts the next ping off', beating, async (t, server) => {
  const poll = await polling(t, server);
  await new Promise((done) => setTimeout(done, 150));
  const begun = Date.now();
  await poll.post('3');
  assert.deepEqual(await poll.poll(), ['2']);
  assert.ok(Date.now() - begun >= 295, `${Date.now() - begun} ms`);
});

both('the first other packet behind a ping puts the timeout off, once', pair({ 'ping-interval': 300, 'ping-timeout': 2000 }), async (t, server) => {
  const poll = await joinedPolling(t, server);
  assert.deepEqual(await poll.poll(), ['2']);
  await new Promise((done) => setTimeout(done, 700));
  const first = Date.now();
  assert.equal((await poll.post('6')).text, 'ok');
  await new Promise((done) => setTimeout(done, 1000));
  assert.equal((await poll.post('6')).text, 'ok');
  const second = Date.now();
  await until(async () => (await poll.post('6')).status === 400, 'the end of the session', 5000);
  assert.ok(Date.now() - first >= 1995, `${Date.now() - first} ms: the first counts`);
  assert.ok(Date.now() - second < 1995, `${Date.now() - second} ms: the second does not`);
});

// ---- base64 for a client that wants it, and scripts instead of requests ----

both('b64=1: binary is base64 on a WebSocket too', plain, async (t, server) => {
  const ws = rawWebSocket(t, server, { query: 'EIO=4&transport=websocket&b64=1' });
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  await ws.next((x) => x.startsWith('40{'));
  ws.send(echoHead).send('bAQIDBA==');
  await ws.next('bAQIDBA==');
});

both('JSONP: each answer calls the function of the first request', plain, async (t, server) => {
  const open = await fetchOnce(t, server, 'GET', `${HANDSHAKE}&j=7`);
  assert.equal(open.headers['content-type'], 'text/plain; charset=UTF-8');
  const [, text] = /^___eio\[7\]\((".*")\);$/.exec(open.text);
  const { sid } = JSON.parse(JSON.parse(text).slice(1));
  const target = `${HANDSHAKE}&sid=${sid}`;
  const sent = await fetchOnce(t, server, 'POST', `${target}&j=8`, { body: `d=${encodeURIComponent('40')}`, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  assert.equal(sent.text, 'ok');
  assert.match((await fetchOnce(t, server, 'GET', `${target}&j=8`)).text, /^___eio\[7\]\("40\{\\"sid\\":\\"[\w-]{20}\\"\}"\);$/);
});
