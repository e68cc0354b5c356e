// Bad input: each piece is refused in its own clear way, nothing of it is stored, and everybody else goes on.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { polling } from '../harness/polling.mjs';
import { BINARY, CLOSE, CONTINUATION, frame, PING, PONG, rawWebSocket, tcp, TEXT } from '../harness/raw.mjs';
import { groupOf, history, request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { finally_, sleep, slowness, soon, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 3, threads: 2 });
const home = server.estate();
const attacker = home.residents[0];
const { token } = attacker;
const group = await groupOf(server, home.admin);

// Two clients live through all of it and must never notice.
const noCleanup = { after: () => {} };
const talker = await connect(noCleanup, server, home.residents[1], { transports: ['websocket'] });
const listener = await connect(noCleanup, server, home.residents[2], { transports: ['polling'] });

finally_('through all of it the others went on, and nothing was stored but theirs', async () => {
  await talker.must('send_message', { conversationId: group, content: 'still here' });
  await listener.next('new_message', (d) => d.message.content === 'still here');
  assert.deepEqual([talker.connects, listener.connects, talker.disconnects, listener.disconnects], [1, 1, [], []]);
  assert.deepEqual((await history(server, home.admin, group)).map((m) => m.content), ['still here']);
  assert.deepEqual(listener.all('new_message').map((d) => d.message.content), ['still here']);
  assert.deepEqual(talker.all('error'), []);
  talker.close();
  listener.close();
});

const event = (payload, id = '') => `42/messaging,${id}${JSON.stringify(['send_message', payload])}`;

/** A raw WebSocket that has joined the product's namespace. */
async function entered(t) {
  const ws = rawWebSocket(t, server);
  await ws.enter(token);
  return ws;
}

// ---- packets ----

const packets = {
  'unknown Engine.IO packet': 'abc',
  'empty packet': '',
  'a ping from the client': '2',
  'unknown Socket.IO packet': '49',
  'CONNECT_ERROR from a client': '44/messaging,{"message":"x"}',
  'CONNECT twice': `40/messaging,${JSON.stringify({ token })}`,
  'EVENT that is an object': '42/messaging,{}',
  'EVENT that is a boolean': '42/messaging,true',
  'EVENT that is an empty array': '42/messaging,[]',
  'EVENT whose name is no string': '42/messaging,[null]',
  'EVENT whose name is an object': '42/messaging,[{}]',
  'EVENT with a reserved name': '42/messaging,["connect"]',
  'EVENT with another reserved name': '42/messaging,["disconnecting"]',
  'EVENT cut short': '42/messaging,["send_message",{"content":"x"',
  'EVENT with a comma too many': '42/messaging,["send_message",]',
  'EVENT with garbage behind it': '42/messaging,["send_message"]x',
  'EVENT with NaN': '42/messaging,["send_message",NaN]',
  'EVENT with a leading zero': '42/messaging,["send_message",01]',
  'EVENT with a raw control character': '42/messaging,["send_message","\u0001"]',
  'EVENT with a bad escape': '42/messaging,["send_message","\\x"]',
  'EVENT with single quotes': "42/messaging,['send_message']",
  'EVENT with a negative id': '42/messaging,-1["send_message"]',
  'EVENT with a fractional id': '42/messaging,1.5["send_message"]',
  'EVENT for a namespace that was not joined': '42/other,["send_message"]',
  'EVENT for the main namespace': '42["send_message"]',
  'ACK that is an object': '43/messaging,1{}',
  'DISCONNECT with a payload': '41/messaging,{}',
  'binary event without a count': '45/messaging,["send_message",{"_placeholder":true,"num":0}]',
  'binary event with no attachment': '450-/messaging,["send_message"]',
  'binary event with eleven attachments': '4511-/messaging,["send_message",{"_placeholder":true,"num":0}]',
  'binary event with a huge count': '4599999999999999999999-/messaging,["send_message"]',
  'CONNECT whose auth is an array': '40/other,[]',
  'CONNECT whose auth is text': '40/other,"x"',
};
for (const [name, packet] of Object.entries(packets)) {
  test(`packet: ${name}`, async (t) => {
    const ws = await entered(t);
    ws.send(packet);
    await ws.closed();
    const poll = await polling(t, server);
    await poll.enter(token);
    const posted = await poll.post(packet);
    assert.ok([200, 400].includes(posted.status), `POST: ${posted.status}`);
    await soon(
      (async () => {
        // What was queued, and the close, may still be fetched; then the session is unknown.
        for (let answer = await poll.get(); answer.status === 200; answer = await poll.get());
      })(),
      'the session to end',
    );
  });
}

test('a text frame where an attachment is due closes', async (t) => {
  const ws = await entered(t);
  ws.send('451-/messaging,["send_message",{"_placeholder":true,"num":0}]');
  ws.send(event({ conversationId: group, content: 'in between' }));
  await ws.closed();
});

test('a placeholder of an attachment that is not there closes', async (t) => {
  for (const num of ['1', '-1', '"0"', '99999999999']) {
    const ws = await entered(t);
    ws.send(`451-/messaging,["send_message",{"_placeholder":true,"num":${num}}]`);
    ws.write(frame(BINARY, 'x'));
    await ws.closed();
  }
});

test('a binary frame that nobody announced closes', async (t) => {
  const ws = await entered(t);
  ws.write(frame(BINARY, 'hello'));
  await ws.closed();
});

test('unknown namespaces are refused by name, the connection stays', async (t) => {
  const ws = await entered(t);
  for (const name of ['/nowhere', '/Messaging', '/messaging/', '/messaging?token=x', `/${'n'.repeat(1000)}`, '/<script>"\\']) {
    ws.send(`40${name},`);
    const answer = await ws.next((x) => x.startsWith(`44${name},`));
    assert.deepEqual(JSON.parse(answer.slice(3 + name.length)), { message: 'Invalid namespace' });
  }
  ws.send(`42/messaging,7${JSON.stringify(['join_estate_group', { estateId: home.id }])}`);
  await ws.next((x) => x.startsWith('43/messaging,7['));
});

test('deep nesting is refused or survived, not crashed on', async (t) => {
  for (const depth of [100, 5000, 60_000]) {
    const ws = await entered(t);
    ws.send(`42/messaging,1["send_message",{"conversationId":"${group}","content":"","metadata":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}]`);
    await until(() => ws.ended || ws.frames.some((f) => f.opcode === CLOSE) || ws.texts.some((x) => x.startsWith('43/messaging,1[')), 'an answer');
    ws.close();
  }
});

test('JSON that is odd but valid is read as what it says', async (t) => {
  const ws = await entered(t);
  for (const [text, id] of [
    [' [ "join_estate_group" , { "estateId" : "x" , "estateId" : "' + home.id + '" } ] ', 1],
    ['["join_est\\u0061te_group",{"\\u0065stateId":"' + home.id + '"}]', 2],
    ['["join_estate_group",{"estateId":"' + home.id + '","__proto__":{"x":1},"constructor":null,"n":1e400,"m":-0}]', 3],
  ]) {
    ws.send(`42/messaging,${id}${text.trim()}`);
    const ack = await ws.next((x) => x.startsWith(`43/messaging,${id}[`));
    if (id > 1) assert.match(ack, /"ok":true/, text);
  }
});

// ---- frames ----

const frames = [
  ['unmasked', frame(TEXT, '3', { masked: false }), 1002],
  ['reserved bit 1', frame(TEXT, '3', { rsv: 4 }), 1002],
  ['reserved bit 3', frame(TEXT, '3', { rsv: 1 }), 1002],
  ['unknown opcode', frame(3, 'x'), 1002],
  ['unknown control opcode', frame(11, 'x'), 1002],
  ['fragmented ping', frame(PING, 'x', { fin: false }), 1002],
  ['long ping', frame(PING, 'x'.repeat(126)), 1002],
  ['continuation of nothing', frame(CONTINUATION, 'x'), 1002],
  ['a new message inside one', Buffer.concat([frame(TEXT, '4', { fin: false }), frame(TEXT, '4')]), 1002],
  ['close with one byte', frame(CLOSE, Buffer.from([3])), 1002],
  ['close with a code that may not be sent', frame(CLOSE, Buffer.from([3, 0xed])), 1002],
  ['text that is not UTF-8', frame(TEXT, Buffer.from([0x34, 0xc3, 0x28])), 1007],
  ['UTF-8 cut between fragments, then wrong', Buffer.concat([frame(TEXT, Buffer.from([0x34, 0xe2, 0x82]), { fin: false }), frame(CONTINUATION, Buffer.from([0x28]))]), 1007],
  ['a surrogate', frame(TEXT, Buffer.from([0x34, 0xed, 0xa0, 0x80])), 1007],
  ['a message over maxPayload', frame(TEXT, '4' + 'x'.repeat(1_000_001)), 1009],
  ['a head that announces too much', frame(BINARY, '', { length: 0x7fffffff }), 1009],
  ['fragments that add up to too much', Buffer.concat([frame(TEXT, '4' + 'x'.repeat(600_000), { fin: false }), frame(CONTINUATION, 'x'.repeat(600_000))]), 1009],
];
for (const [name, bytes, code] of frames) {
  test(`frame: ${name}`, async (t) => {
    const ws = await entered(t);
    ws.write(bytes);
    const closed = await ws.closed();
    assert.ok(closed === code || closed === null, `close code ${closed}`); // a reset may swallow the close frame
    if (bytes.length < 1000) assert.equal(closed, code);
    await ws.end();
  });
}

test('a length not in its shortest form is refused', async (t) => {
  const ws = await entered(t);
  ws.write(Buffer.from([0x81, 0xfe, 0, 1, 0, 0, 0, 0, 0x33]));
  await ws.closed();
});

test('a 64-bit length with its top bit set is refused', async (t) => {
  const ws = await entered(t);
  ws.write(Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0]));
  await ws.closed();
});

test('frames in pieces, pings in between, are fine', async (t) => {
  const ws = await entered(t);
  const text = `42/messaging,1${JSON.stringify(['join_estate_group', { estateId: home.id }])}`;
  for (let i = 0; i < text.length; i++) {
    ws.write(frame(i ? CONTINUATION : TEXT, text[i], { fin: i === text.length - 1 }));
    if (i % 16 === 0) ws.write(frame(PING, `p${i}`));
  }
  await ws.next((x) => x.startsWith('43/messaging,1['));
  assert.deepEqual(ws.frames.filter((f) => f.opcode === PONG).map((f) => f.payload.toString()), Array.from({ length: Math.ceil(text.length / 16) }, (_, i) => `p${i * 16}`));
  const whole = Buffer.concat([frame(TEXT, text.replace(',1[', ',2[')), frame(PING, 'end')]);
  for (const byte of whole) {
    ws.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  await ws.next((x) => x.startsWith('43/messaging,2['));
});

test('a close frame is answered with its own code', async (t) => {
  const ws = await entered(t);
  ws.write(frame(CLOSE, Buffer.from([0x03, 0xe8])));
  assert.equal(await ws.closed(), 1000);
  await ws.end();
});

test('WebSocket handshakes that are none', async (t) => {
  const head = (lines) => `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`;
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  for (const lines of [
    ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'],
    ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: short'],
    ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 12', key],
    ['Upgrade: websocket', 'Connection: Upgrade', key],
  ]) {
    const connection = tcp(t, server).write(head(lines));
    assert.equal(await connection.status(), 400);
    await connection.end();
  }
});

// ---- HTTP ----

const requests = [
  ['garbage', 'NONSENSE\r\n\r\n', [400]],
  ['binary garbage', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 13, 10, 13, 10]), [400]],
  ['no Host', 'GET /health/live HTTP/1.1\r\n\r\n', [400]],
  ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', [400]],
  ['length and chunked together', 'POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
  ['two different lengths', 'POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef', [400]],
  ['a negative length', 'POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n', [400]],
  ['a length that is no number', 'POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\nabcde', [400]],
  ['a bad chunk', 'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', [400]],
  ['another transfer coding', 'POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', [400, 501]],
  ['a blank before the colon', 'GET /health/live HTTP/1.1\r\nHost : a\r\n\r\n', [400]],
  ['a folded header', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n', [400]],
  ['a control character in a header', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n', [400]],
  ['an unknown version', 'GET /health/live HTTP/3.7\r\nHost: a\r\n\r\n', [400, 505]],
  ['a head over 16 KiB', `GET /health/live HTTP/1.1\r\nHost: a\r\n${'X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(400)}\r\n`, [431]],
  ['one header line over 16 KiB', `GET /health/live HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, [431]],
  ['a request line over 16 KiB', `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, [414, 431]],
];
for (const [name, bytes, statuses] of requests) {
  test(`HTTP: ${name}`, async (t) => {
    const connection = tcp(t, server).write(bytes);
    const status = await connection.status();
    assert.ok(statuses.includes(status), `${status}: ${connection.text.slice(0, 200)}`);
    await connection.end();
  });
}

test('HTTP: a request behind a refused one is not answered', async (t) => {
  const connection = tcp(t, server).write('POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  await connection.end();
  assert.equal(connection.text.match(/HTTP\/1\.1 /g).length, 1);
});

test('HTTP: pipelined requests are answered in their order', async (t) => {
  const connection = tcp(t, server).write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\nGET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await connection.end();
  const statuses = connection.text.match(/HTTP\/1\.1 \d{3}/g).map((s) => Number(s.slice(9)));
  assert.equal(statuses.length, 3);
  assert.equal(statuses[0], 200);
  assert.ok([401, 404].includes(statuses[1]));
  assert.equal(statuses[2], 200);
});

test('a polling body over maxPayload is refused with 413', async (t) => {
  const poll = await polling(t, server);
  await poll.enter(token);
  const answer = await poll.post('4' + 'x'.repeat(1_000_001)).catch((error) => ({ status: 413, error }));
  assert.equal(answer.status, 413);
  // Chunked, without a length to look at.
  const other = await polling(t, server);
  const connection = tcp(t, server);
  connection.write(`POST /socket.io/?EIO=4&transport=polling&sid=${other.sid} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (let i = 0; i < 20 && !connection.ended; i++) {
    connection.write(`10000\r\n${'4'.repeat(0x10000)}\r\n`);
    await sleep(1);
  }
  assert.ok([413, 0].includes(await connection.status()));
  await connection.end();
});

test('a body of exactly maxPayload is taken', async (t) => {
  const poll = await polling(t, server);
  await poll.enter(token);
  const head = `42/messaging,5["send_message",{"conversationId":"${group}","content":"`;
  const answer = await poll.post(head + 'x'.repeat(1_000_000 - head.length - 3) + '"}]');
  assert.equal(answer.status, 200);
  const ack = await poll.until((p) => p.startsWith('43/messaging,5['));
  assert.match(ack, /content_too_large|invalid_payload/);
});

test('a head that comes byte by byte is cut off after 10 s', { limitMs: 60_000 }, async (t) => {
  const connection = tcp(t, server);
  const begun = Date.now();
  const text = `GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ${'z'.repeat(1000)}`;
  for (let i = 0; i < text.length && !connection.ended && Date.now() - begun < 30_000 * slowness; i++) {
    connection.write(text[i]);
    await sleep(100);
  }
  await connection.end(1000);
  const ms = Date.now() - begun;
  assert.ok(ms >= 9_000, `not before its time: ${ms}`);
  assert.ok(ms < 13_000 * slowness, `not much later: ${ms}`);
  assert.ok([0, 408].includes(await connection.status(100).catch(() => 0)));
});

test('a connection that says nothing at all is cut off too', { limitMs: 60_000 }, async (t) => {
  const connection = tcp(t, server);
  await connection.end(20_000);
});

test('many connections that die in the middle', async (t) => {
  const pieces = ['G', 'GET /', 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: web', 'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n40'];
  for (let i = 0; i < 200; i++) {
    const connection = tcp(t, server).write(pieces[i % pieces.length]);
    connection.socket.end();
    if (i % 3 === 0) setTimeout(() => connection.close(), i % 7);
  }
  assert.equal((await request(server, 'GET', '/health/live')).status, 200);
});

test('a flood of refused events: one error each, the connection lives, others are served', async (t) => {
  const ws = await entered(t);
  const n = 300;
  for (let i = 0; i < n; i++) ws.send(event({ conversationId: 'x', content: i }, i));
  await until(() => ws.texts.filter((x) => x.startsWith('43/messaging,')).length === n, 'all the acks');
  await until(() => ws.texts.filter((x) => x.startsWith('42/messaging,["error"')).length === n, 'all the errors');
});

test('more than may wait for CONNECT: in order, or closed, but never out of memory or order', async (t) => {
  for (const size of [50, 15_000]) {
    const ws = rawWebSocket(t, server);
    await ws.next((x) => x.startsWith('0{'));
    const n = 40;
    const ask = (i) => frame(TEXT, `42/messaging,${i}${JSON.stringify(['join_estate_group', { estateId: home.id, filler: 'x'.repeat(size) }])}`);
    ws.write(Buffer.concat([frame(TEXT, `40/messaging,${JSON.stringify({ token })}`), ...Array.from({ length: n }, (_, i) => ask(i))]));
    const acks = () => ws.texts.filter((x) => x.startsWith('43/messaging,')).map((x) => Number(/,(\d+)\[/.exec(x)[1]));
    await until(() => acks().length === n || ws.ended || ws.frames.some((f) => f.opcode === CLOSE), 'all the answers, or the end');
    assert.deepEqual(acks(), acks().map((_, i) => i));
    if (size < 100) assert.equal(acks().length, n);
    ws.close();
  }
});
