// permessage-deflate: agreed with npm's ws and the official client, by hand where they would not do it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import WebSocket from 'ws';
import { connect } from '../harness/client.mjs';
import { BINARY, CONTINUATION, frame, PING, PONG, rawWebSocket, TEXT } from '../harness/raw.mjs';
import { groupOf } from '../harness/rest.mjs';
import { example, launch, startServer } from '../harness/server.mjs';
import { soon, test, until } from '../harness/suite.mjs';

const echo = await launch(example('conformance'), ['--port', '0', '--deflate', '--threads', '2']);
const plain = await launch(example('conformance'), ['--port', '0']);
const server = await startServer({ estates: 2, residents: 6, threads: 2, args: ['--deflate', 'on'] });
const RSV1 = 4;

const payloadOf = (message) => deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const deflated = (opcode, message, options) => frame(opcode, payloadOf(message), { rsv: RSV1, ...options });

async function raw(t, offer = 'permessage-deflate; client_max_window_bits', to = echo) {
  const ws = rawWebSocket(t, to, { path: '/echo', headers: `Sec-WebSocket-Extensions: ${offer}\r\n` });
  await until(() => ws.open || ws.refused || ws.ended, 'an answer');
  ws.extension = /^sec-websocket-extensions: (.*)\r$/im.exec(ws.text)?.[1];
  return ws;
}

const BARE = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
for (const [offer, answer] of [
  ['permessage-deflate', BARE],
  ['permessage-deflate; client_max_window_bits', BARE],
  ['permessage-deflate; server_no_context_takeover; client_max_window_bits=11', `${BARE}; client_max_window_bits=11`],
  ['permessage-deflate; server_max_window_bits=9, permessage-deflate', `${BARE}; server_max_window_bits=9`],
  ['x-webkit-deflate-frame, permessage-deflate', BARE],
  ['x-webkit-deflate-frame', undefined],
])
  test(`offered "${offer}"`, async (t) => assert.equal((await raw(t, offer)).extension, answer));

test('an unknown or impossible parameter is refused', async (t) => {
  for (const offer of ['unknown', 'server_max_window_bits', 'server_max_window_bits=7', 'client_max_window_bits=16', 'server_no_context_takeover=1', 'client_no_context_takeover; client_no_context_takeover'])
    assert.equal((await raw(t, `permessage-deflate; ${offer}`)).refused, 400, offer);
});

test('off by default: offers, also impossible ones, are left alone', async (t) => {
  const ws = await raw(t, 'permessage-deflate; server_max_window_bits=7', plain);
  assert.ok(ws.open && ws.extension === undefined);
  ws.write(deflated(TEXT, 'x'));
  assert.equal(await ws.closed(), 1002);
});

for (const perMessageDeflate of [true, { serverMaxWindowBits: 9, clientMaxWindowBits: 10, threshold: 0 }, { clientNoContextTakeover: true, serverNoContextTakeover: true, threshold: 0 }])
  test(`npm's ws, ${JSON.stringify(perMessageDeflate)}`, async (t) => {
    const ws = new WebSocket(`ws://127.0.0.1:${echo.port}/echo`, { perMessageDeflate, maxPayload: 20_000_000 });
    t.after(() => ws.terminate());
    const got = [];
    ws.on('message', (data, binary) => got.push(binary ? data : data.toString()));
    await soon(new Promise((done, fail) => ws.on('open', done).on('error', fail)), 'the handshake');
    assert.ok(ws.extensions.includes('permessage-deflate'));
    const sent = ['', 'é😀'.repeat(5000), Buffer.alloc(0), randomBytes(70_000), 'x'.repeat(1_000_000), Buffer.alloc(3_000_000, 'abc'), 'a'.repeat(512), 'b'.repeat(513)];
    for (const message of sent) ws.send(message);
    await until(() => got.length === sent.length, 'all of them', 20_000);
    assert.deepEqual(got, sent);
  });

test('long messages come compressed, short and large ones as they are', async (t) => {
  const ws = await raw(t);
  const sizes = [1, 1023, 1024, 1_048_576, 1_048_577];
  for (const n of sizes) ws.write(deflated(TEXT, 'y'.repeat(n)));
  await until(() => ws.frames.length === sizes.length, 'all of them');
  assert.deepEqual(ws.frames.map((f) => f.rsv), [0, 0, RSV1, RSV1, 0]);
  assert.ok(ws.frames[3].payload.length < 5000);
});

test('fragments of a compressed message, pings between them', async (t) => {
  const ws = await raw(t);
  const text = 'fragments and é😀 '.repeat(40);
  const payload = payloadOf(text);
  ws.write(frame(TEXT, payload.subarray(0, 1), { fin: false, rsv: RSV1 }));
  for (let i = 1; i < payload.length; i++) ws.write(Buffer.concat([frame(PING, String(i)), frame(CONTINUATION, payload.subarray(i, i + 1), { fin: false })]));
  ws.write(frame(CONTINUATION, '', { fin: true }));
  // Of many pings that come at once the newest is answered in any case.
  const last = String(payload.length - 1);
  await until(() => ws.texts.length === 1 && ws.frames.some((f) => f.opcode === PONG && String(f.payload) === last), 'the last pong and the echo');
  assert.equal(ws.texts[0], text);
});

for (const [what, write, code] of [
  ['a bomb of 2 KB', () => deflated(BINARY, Buffer.alloc(40 * 1024 * 1024)), 1009],
  ['no deflate data', () => frame(TEXT, Buffer.from([0xff, 0xff]), { rsv: RSV1 }), 1007],
  ['a payload cut short', () => frame(TEXT, payloadOf('Hello Hello Hello').subarray(0, 4), { rsv: RSV1 }), 1007],
  ['bad UTF-8 inside', () => deflated(TEXT, Buffer.from([0x61, 0xc0, 0x80])), 1007],
  ['a compressed ping', () => frame(PING, 'x', { rsv: RSV1 }), 1002],
  ['RSV1 on a continuation', () => Buffer.concat([deflated(TEXT, 'abc', { fin: false }), frame(CONTINUATION, 'x', { rsv: RSV1 })]), 1002],
])
  test(`${what}: ${code}`, async (t) => {
    const ws = await raw(t);
    ws.write(write());
    assert.equal(await ws.closed(20_000), code);
  });

test('messages in vaultify, for clients with and without', async (t) => {
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const options = (perMessageDeflate) => ({ transports: ['websocket'], perMessageDeflate });
  const talker = await connect(t, server, estate.admin, options(true));
  const listeners = await Promise.all(estate.residents.map((user, i) => connect(t, server, user, options(i % 2 === 0))));
  const engine = (client) => client.socket.io.engine.transport.ws;
  assert.ok(engine(talker).extensions.includes('permessage-deflate') && !engine(listeners[1]).extensions);
  const content = 'a long message '.repeat(400);
  for (let i = 0; i < 20; i++) await talker.must('send_message', { conversationId: group, content: `${i} ${content}` });
  for (const listener of listeners) {
    await listener.next('new_message', (d) => d.message.content.startsWith('19 '));
    assert.deepEqual(listener.all('new_message').map((d) => d.message.content), Array.from({ length: 20 }, (_, i) => `${i} ${content}`));
    assert.deepEqual(listener.disconnects, []);
  }
});
