// Engine.IO 3 and what Socket.IO is above it: payloads, heartbeats from the client, the CONNECT that nobody asked for.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { joined, watcher } from '../harness/features.mjs';
import { fetchOnce } from '../harness/http.mjs';
import { get, post } from '../harness/polling.mjs';
import { bytes3, packets3, packetsOfBytes3, payload3, polling3 } from '../harness/polling3.mjs';
import { BINARY, frame, rawWebSocket } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { PATH } from '../harness/wire.mjs';

const off = pair();
const on = pair({ eio3: 1 });
const beating = pair({ eio3: 1, 'ping-interval': 400, 'ping-timeout': 400 });
const HANDSHAKE = `${PATH}?EIO=3&transport=polling`;
const hole = '{"_placeholder":true,"num":0}';

async function joined3(t, server, more) {
  const poll = await polling3(t, server, more);
  await poll.until('40');
  return poll;
}

async function webSocket3(t, server, more = '') {
  const ws = rawWebSocket(t, server, { query: `EIO=3&transport=websocket${more}` });
  await ws.next('40');
  return ws;
}

/** What was sent before has been received. */
async function settle(session) {
  const send = (packet) => (session.post ? session.post(packet) : session.send(packet));
  await send('429999["in","nowhere"]');
  await (session.until?.('439999[false]') ?? session.next('439999[false]'));
}

// ---- the handshake ----

both('off, it is refused', off, async (t, server) => {
  assert.equal((await get(server, 'EIO=3&transport=polling')).text, '{"code":5,"message":"Unsupported protocol version"}');
});

for (const eio of ['', '2', '5', 'abc'])
  both(`on, another revision is refused: "${eio}"`, on, { deviates: 'the reference takes whatever is not 4 for 3' }, async (t, server) => {
    assert.equal((await get(server, `EIO=${eio}&transport=polling`)).text, '{"code":5,"message":"Unsupported protocol version"}');
  });

both('on, Engine.IO 4 is as it was', on, async (t, server) => {
  for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) assert.deepEqual(await (await joined(t, server, { transports })).ask('echo', 1), [1]);
});

both('a handshake is a payload of one packet', on, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
  const [open, ...rest] = packets3(answer.text);
  assert.match(open, /^0\{"sid":"[\w-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000/);
  assert.deepEqual(rest.filter((p) => p !== '40'), []);
});

both('a session stays of its revision', on, async (t, server) => {
  const poll = await polling3(t, server);
  assert.equal((await get(server, `EIO=4&transport=polling&sid=${poll.sid}`)).text, '{"code":3,"message":"Bad request"}');
});

both('a WebSocket begins with open and CONNECT', on, async (t, server) => {
  const ws = await webSocket3(t, server);
  assert.match(ws.texts[0], /^0\{"sid":"[\w-]{20}","upgrades":\[\]/);
  assert.equal(ws.texts[1], '40');
});

// ---- payloads ----

both('packets of text in both directions, lengths in UTF-16 units', on, async (t, server) => {
  const poll = await joined3(t, server);
  assert.equal((await poll.post('42["echo","ü漢😀"]', '421["in","x"]')).text, 'ok');
  await poll.until('431[false]');
  assert.deepEqual(poll.packets.slice(1), ['42["echo","ü漢😀"]', '431[false]']);
});

both('with b64=1 binary is "b4" and base64', on, async (t, server) => {
  const poll = await joined3(t, server);
  await poll.post(`451-["echo",${hole}]`, 'b4AQIDBA==');
  await poll.until('b4AQIDBA==');
});

both('without b64 binary makes the whole payload bytes', on, async (t, server) => {
  const poll = await joined3(t, server, '');
  const sent = bytes3(`451-["echo",${hole}]`, Buffer.from([4, 1, 2, 255]));
  assert.equal((await post(server, poll.query, sent, { headers: { 'Content-Type': 'application/octet-stream' } })).text, 'ok');
  const packets = [];
  await until(async () => {
    const answer = await fetchOnce(t, server, 'GET', `${PATH}?${poll.query}`);
    const isBytes = answer.headers['content-type'] === 'application/octet-stream';
    packets.push(...(isBytes ? packetsOfBytes3(answer.body) : packets3(answer.text)));
    return packets.length >= 2;
  }, 'the echo');
  assert.deepEqual(packets, [`451-["echo",${hole}]`, [4, 1, 2, 255]]);
});

both('without b64 text alone stays text', on, async (t, server) => {
  const poll = await joined3(t, server, '');
  await poll.post('421["in","x"]');
  const answer = await fetchOnce(t, server, 'GET', `${PATH}?${poll.query}`);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
  assert.equal(answer.text, payload3('431[false]'));
});

both('on a WebSocket binary begins with the byte of its type', on, async (t, server) => {
  const ws = await webSocket3(t, server);
  ws.send(`451-["echo",${hole}]`).write(frame(BINARY, Buffer.from([4, 9, 8])));
  await until(() => ws.frames.some((f) => f.opcode === BINARY), 'the bytes');
  assert.deepEqual([...ws.frames.at(-1).payload], [4, 9, 8]);
});

for (const [what, body] of [
  ['an empty body', ''],
  ['no length', ':40'],
  ['a length that is no number', 'x:6'],
  ['a length beyond the end', '9:6'],
  ['a length of nothing', '1:6:'],
  ['an unknown type', '3:abc'],
  ['what is a pong', '1:3'],
])
  both(`ends the session: ${what}`, on, async (t, server) => {
    const poll = await joined3(t, server);
    await post(server, poll.query, body);
    await until(async () => (await poll.get()).status === 400, 'its end');
  });

// ---- the heartbeat ----

both('the client pings, and is answered; only a probe has its payload back', on, async (t, server) => {
  const [poll, ws] = [await joined3(t, server), await webSocket3(t, server)];
  await poll.post('2');
  await poll.until('3');
  await poll.post('2hello');
  assert.deepEqual(await poll.poll(), ['3']);
  ws.send('2');
  await ws.next('3');
});

both('who pings in time stays', beating, async (t, server) => {
  const ws = await webSocket3(t, server);
  const timer = setInterval(() => ws.send('2'), 200);
  t.after(() => clearInterval(timer));
  await until(() => ws.texts.filter((x) => x === '3').length === 8, 'eight answers');
  await settle(ws);
});

both('who does not ping is gone after interval and timeout', beating, async (t, server) => {
  const begun = Date.now();
  const ws = await webSocket3(t, server);
  await ws.closed();
  assert.ok(Date.now() - begun >= 700, `${Date.now() - begun} ms`);
  const poll = await joined3(t, server);
  await until(async () => (await poll.get()).status === 400, 'its end');
});

// ---- the upgrade ----

both('an upgrade, and what waits is flushed to it', on, async (t, server) => {
  const poll = await joined3(t, server);
  const ws = rawWebSocket(t, server, { query: `EIO=3&transport=websocket&sid=${poll.sid}` });
  await until(() => ws.open, 'the 101');
  ws.send('2probe');
  await ws.next('3probe');
  await poll.post('42["echo",1]');
  ws.send('5').send('42["echo",2]');
  await ws.next('42["echo",2]');
  assert.deepEqual(ws.texts, ['3probe', '42["echo",1]', '42["echo",2]']);
  assert.equal((await poll.get()).status, 400);
});

both('who falls silent behind an upgrade is gone too', beating, { deviates: 'the reference forgets its timer' }, async (t, server) => {
  const poll = await joined3(t, server);
  const ws = rawWebSocket(t, server, { query: `EIO=3&transport=websocket&sid=${poll.sid}` });
  await until(() => ws.open, 'the 101');
  ws.send('2probe');
  await ws.next('3probe');
  ws.send('5');
  await ws.closed();
});

// ---- Socket.IO ----

both('the id of a socket is that of the session, with its namespace before it', on, async (t, server) => {
  const watch = await watcher(t, server);
  const ws = await webSocket3(t, server);
  const { sid } = JSON.parse(ws.texts[0].slice(1));
  await watch.first('came', (ns, id) => ns === '/' && id === sid);
  ws.send('40/other');
  await ws.next('40/other,');
  await watch.first('came', (ns, id) => ns === '/other' && id === `/other#${sid}`);
});

both('the query of a namespace is its auth payload', on, async (t, server) => {
  const ws = await webSocket3(t, server);
  ws.send('40/gate?refuse=not%20you');
  await ws.next('44/gate,"not you"');
  ws.send('40/gate?rooms=&a=b,');
  await ws.next('40/gate,');
});

both('an unknown namespace is refused with an object', on, async (t, server) => {
  const ws = await webSocket3(t, server);
  ws.send('40/nowhere');
  await ws.next('44/nowhere,{"message":"Invalid namespace"}');
  await settle(ws);
});

both('events, acks and DISCONNECT are the same', on, async (t, server) => {
  const ws = await webSocket3(t, server);
  ws.send('427["echo",{"a":1}]');
  await ws.next('437[{"a":1}]');
  ws.send('40/other');
  await ws.next('40/other,');
  ws.send('421["orders",[{"op":"disconnect","ns":"/other"}]]');
  await ws.next('41/other,');
  ws.send('42["disconnect-me",false]');
  await ws.next('41');
});
