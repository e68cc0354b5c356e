// Engine.IO on a WebSocket of its own: the handshake and its refusals, frames, packets, what closes and with which code.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { http } from '../harness/http.mjs';
import { polling } from '../harness/polling.mjs';
import { BINARY, CLOSE, CONTINUATION, frame, PING, PONG, RawWebSocket, TEXT } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { joinedWebSocket, openWebSocket, PATH, settle } from '../harness/wire.mjs';

const plain = pair();
const beating = pair({ 'ping-interval': 300, 'ping-timeout': 400 });
const small = pair({ 'max-payload': 1000 });
const TARGET = `${PATH}?EIO=4&transport=websocket`;
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A handshake whose headers are these and no others. */
function shake(t, server, changes = {}, target = TARGET, method = 'GET') {
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13', ...changes };
  for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
  return http(t, server).ask(method, target, { headers });
}

// ---- the handshake ----

both('a handshake is answered with the accept key and nothing that was not offered', plain, async (t, server) => {
  const answer = await shake(t, server).answer();
  assert.equal(answer.status, 101);
  assert.equal(answer.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  assert.equal(answer.headers.upgrade.toLowerCase(), 'websocket');
  assert.equal(answer.headers.connection.toLowerCase(), 'upgrade');
  assert.equal(answer.headers['sec-websocket-extensions'], undefined);
  assert.equal(answer.headers['sec-websocket-protocol'], undefined);
});

for (const [what, changes] of [
  ['Upgrade in capitals', { Upgrade: 'WebSocket' }],
  ['Connection: keep-alive, Upgrade', { Connection: 'keep-alive, Upgrade' }],
  ['version 8', { 'Sec-WebSocket-Version': '8' }],
  ['an offer of compression, which is off', { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }],
])
  both(`accepted: ${what}`, plain, async (t, server) => {
    const answer = await shake(t, server, changes).answer();
    assert.equal(answer.status, 101);
    assert.equal(answer.headers['sec-websocket-extensions'], undefined);
  });

both('the first offered subprotocol is taken', plain, async (t, server) => {
  assert.equal((await shake(t, server, { 'Sec-WebSocket-Protocol': 'one, two' }).answer()).headers['sec-websocket-protocol'], 'one');
});

for (const [what, changes] of [
  ['no key', { 'Sec-WebSocket-Key': undefined }],
  ['a short key', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }],
  ['a key that is no base64', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }],
  ['no version', { 'Sec-WebSocket-Version': undefined }],
  ['version 7', { 'Sec-WebSocket-Version': '7' }],
  ['version 14', { 'Sec-WebSocket-Version': '14' }],
])
  both(`refused by WebSocket: ${what}`, plain, async (t, server) => {
    const connection = shake(t, server, changes);
    const answer = await connection.answer();
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.connection, 'close');
    if ('Sec-WebSocket-Version' in changes) assert.equal(answer.headers['sec-websocket-version'], '13, 8');
    await connection.end();
  });

for (const [query, message] of [
  ['EIO=4&transport=websocket&sid=unknown', 'Session ID unknown'],
  ['EIO=4&transport=nothing', 'Transport unknown'],
  ['EIO=4', 'Transport unknown'],
])
  both(`refused by Engine.IO, in plain words: ${query}`, plain, async (t, server) => {
    const connection = shake(t, server, {}, `${PATH}?${query}`);
    const answer = await connection.answer();
    assert.deepEqual([answer.status, answer.text], [400, message]);
    assert.equal(answer.headers['content-type'], 'text/html');
    assert.equal(answer.headers.connection, 'close');
    await connection.end();
  });

both('refused: a handshake of another revision than the session', plain, async (t, server) => {
  const poll = await polling(t, server);
  const answer = await shake(t, server, {}, `${PATH}?EIO=3&transport=websocket&sid=${poll.sid}`).answer();
  assert.deepEqual([answer.status, answer.text], [400, 'Bad request']);
  assert.equal((await poll.post('40')).text, 'ok');
});

for (const eio of ['3', '5', 'abc', ''])
  both(`refused: EIO=${eio}`, plain, { deviates: 'the reference answers 101 and writes its refusal into the stream' }, async (t, server) => {
    const connection = shake(t, server, {}, `${PATH}?EIO=${eio}&transport=websocket`);
    const answer = await connection.answer();
    assert.deepEqual([answer.status, answer.text], [400, 'Unsupported protocol version']);
    await connection.end();
  });

both('an upgrade of another path ends without one', plain, async (t, server) => {
  const connection = shake(t, server, {}, '/nothing/?EIO=4&transport=websocket');
  await connection.end();
  assert.doesNotMatch(connection.text, /^HTTP\/1.1 101/);
});

both('an upgrade to polling gives no session', plain, async (t, server) => {
  const ws = new RawWebSocket(server.port, { query: 'EIO=4&transport=polling' });
  t.after(() => ws.close());
  await until(() => ws.refused || ws.ended || ws.frames.some((f) => f.opcode === CLOSE), 'its end');
  assert.deepEqual(ws.texts, []);
});

// ---- frames ----

both('the open packet offers no upgrade', plain, async (t, server) => {
  const ws = await openWebSocket(t, server);
  assert.match(ws.texts[0], /^0\{"sid":"[\w-]{20}","upgrades":\[\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$/);
});

both('packets are text frames, binary is the bytes alone; none is fragmented or masked', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('451-["echo",{"_placeholder":true,"num":0}]').write(frame(BINARY, Buffer.from([0, 4, 255])));
  await until(() => ws.frames.some((f) => f.opcode === BINARY), 'the bytes');
  assert.deepEqual([...ws.frames.at(-1).payload], [0, 4, 255]);
  ws.send('42["orders",[{"op":"emitSelf","event":"large","size":300000}]]');
  await ws.next((x) => x.length > 300_000);
  assert.ok(ws.frames.every((f) => f.fin && !f.masked && (f.opcode === TEXT || f.opcode === BINARY)));
});

both('a fragmented message is one packet, a ping in between is answered', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.write(frame(TEXT, '421["ec', { fin: false }));
  ws.write(frame(PING, 'are you there'));
  await until(() => ws.frames.some((f) => f.opcode === PONG && f.payload.toString() === 'are you there'), 'the pong');
  ws.write(frame(CONTINUATION, 'ho"', { fin: false })).write(frame(CONTINUATION, ',1]'));
  await ws.next('431[1]');
});

both('"b" and base64 in a text frame is binary', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('451-["echo",{"_placeholder":true,"num":0}]').send('bAQIDBA==');
  await until(() => ws.frames.some((f) => f.opcode === BINARY), 'the bytes');
  assert.deepEqual([...ws.frames.at(-1).payload], [1, 2, 3, 4]);
});

// ---- who closes, and how ----

const bytes = (...list) => Buffer.from(list);

for (const [what, code, sent] of [
  ['an unmasked frame', 1002, frame(TEXT, '6', { masked: false })],
  ['reserved bit 1', 1002, frame(TEXT, '6', { rsv: 4 })],
  ['reserved bit 2', 1002, frame(TEXT, '6', { rsv: 2 })],
  ['reserved bit 3', 1002, frame(TEXT, '6', { rsv: 1 })],
  ['an unknown opcode', 1002, frame(3, '6')],
  ['an unknown control opcode', 1002, frame(11, '')],
  ['a fragmented ping', 1002, frame(PING, 'x', { fin: false })],
  ['an oversized ping', 1002, frame(PING, 'x'.repeat(126))],
  ['a continuation of nothing', 1002, frame(CONTINUATION, '6')],
  ['a new message inside a fragmented one', 1002, Buffer.concat([frame(TEXT, '6', { fin: false }), frame(TEXT, '6')])],
  ['a close code that may not be sent', 1002, frame(CLOSE, bytes(3, 237))],
  ['a close of one byte', 1002, frame(CLOSE, bytes(3))],
  ['a close reason that is not UTF-8', 1007, frame(CLOSE, bytes(3, 232, 255))],
  ['text that is not UTF-8', 1007, frame(TEXT, bytes(0x34, 0x32, 0xff))],
  ['text that is cut inside a character', 1007, Buffer.concat([frame(TEXT, bytes(0x36, 0xc3), { fin: false }), frame(CONTINUATION, bytes(0x36))])],
])
  both(`${what}: ${code}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.write(sent);
    assert.equal(await ws.closed(), code);
    await ws.end();
  });

for (const [what, sent] of [
  ['a message over the limit', [frame(TEXT, '6'.repeat(1001))]],
  ['a binary message over the limit', [frame(BINARY, '6'.repeat(1001))]],
  ['fragments that are over the limit together', [frame(TEXT, '6'.repeat(600), { fin: false }), frame(CONTINUATION, '6'.repeat(600))]],
])
  both(`${what}: 1009`, small, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    for (const part of sent) ws.write(part);
    assert.equal(await ws.closed(), 1009);
    await ws.end();
  });

both('a message of exactly the limit is fine', small, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send(`421["in","${'x'.repeat(1000 - 11)}"]`.slice(0, 998) + '"]');
  await ws.next('431[false]');
});

for (const code of [1000, 1001, 3000, 4999])
  both(`the client's close is answered with its code: ${code}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.write(frame(CLOSE, Buffer.concat([bytes(code >> 8, code & 255), Buffer.from('bye')])));
    assert.equal(await ws.closed(), code);
    await ws.end();
  });

both("the client's close without a code is answered", plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.write(frame(CLOSE));
  assert.ok([0, 1005].includes(await ws.closed()));
  await ws.end();
});

// ---- packets ----

both('open, upgrade, noop, and a pong that nobody asked for are ignored', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  for (const packet of ['0', '0{}', '5', '6', '3', '3probe']) ws.send(packet);
  await settle(ws);
});

for (const [what, packet] of [
  ['a client ping', '2'],
  ['a probe, of who has nothing to upgrade', '2probe'],
  ['an unknown packet', 'abc'],
  ['an unknown type', '7'],
  ['an empty frame', ''],
])
  both(`closed without a code: ${what}`, plain, async (t, server) => {
    const ws = await joinedWebSocket(t, server);
    ws.send(packet);
    assert.equal(await ws.closed(), 0);
    ws.write(frame(CLOSE));
    await ws.end();
  });

both('"1" closes', plain, { deviates: 'the reference ignores it and lets the heartbeat close' }, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('1');
  assert.equal(await ws.closed(), 0);
});

// ---- the heartbeat ----

both('a ping comes an interval after the handshake and after each pong, never one of WebSocket', beating, async (t, server) => {
  let begun = Date.now();
  const ws = await openWebSocket(t, server);
  const pings = () => ws.texts.filter((x) => x === '2').length;
  for (let i = 0; i < 3; i++) {
    await until(() => pings() === i + 1, 'a ping');
    assert.ok(Date.now() - begun >= 295, `${Date.now() - begun} ms`);
    begun = Date.now();
    ws.send('3');
  }
  assert.ok(ws.frames.every((f) => f.opcode === TEXT));
});

both('without a pong it is closed without a code', beating, async (t, server) => {
  const begun = Date.now();
  const ws = await openWebSocket(t, server);
  assert.equal(await ws.closed(), 0);
  assert.ok(Date.now() - begun >= 690, `${Date.now() - begun} ms`);
  assert.deepEqual(ws.texts.slice(1), ['2']);
});

both('other packets do not stand for the pong', beating, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  const timer = setInterval(() => ws.send('6'), 50);
  t.after(() => clearInterval(timer));
  await ws.next('2');
  assert.equal(await ws.closed(), 0);
});
