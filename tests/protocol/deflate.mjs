// permessage-deflate: what is negotiated, which messages are compressed, what a compressed message may not be.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { both, pair } from '../harness/both.mjs';
import { joined } from '../harness/features.mjs';
import { http } from '../harness/http.mjs';
import { BINARY, CONTINUATION, frame, rawWebSocket, TEXT } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { PATH } from '../harness/wire.mjs';

const on = pair({ deflate: 1 });
const small = pair({ deflate: 1, 'max-payload': 10_000 });
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const COMPRESSED = 4; // the first of the reserved bits

function offer(t, server, extensions) {
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Extensions': extensions };
  return http(t, server).ask('GET', `${PATH}?EIO=4&transport=websocket`, { headers }).answer();
}

/** Joined, with the extension; without context takeover, so that each message stands for itself. */
async function compressed(t, server, more = '') {
  const ws = rawWebSocket(t, server, { headers: `Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover${more}\r\n` });
  await until(() => ws.frames.length, 'the open packet');
  ws.write(deflated('40'));
  await until(() => ws.frames.length === 2, 'the CONNECT answer');
  return ws;
}

/** The message of a frame, whether it is compressed or not. */
const messageOf = ({ payload, rsv }) => (rsv & COMPRESSED ? inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH }) : payload).toString();

const squeeze = (text) => deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const deflated = (text, opcode = TEXT) => frame(opcode, squeeze(text), { rsv: COMPRESSED });
const answer = (ws, text) => until(() => ws.frames.some((f) => messageOf(f) === text), () => `"${text}"; got ${ws.frames.map(messageOf)}`);

// ---- what is negotiated ----

both('off: an offer is passed over', pair(), async (t, server) => {
  const { status, headers } = await offer(t, server, 'permessage-deflate');
  assert.deepEqual([status, headers['sec-websocket-extensions']], [101, undefined]);
});

for (const [offered, accepted] of [
  ['permessage-deflate', /^permessage-deflate/],
  ['permessage-deflate; client_max_window_bits', /^permessage-deflate/],
  ['permessage-deflate; server_no_context_takeover', /^permessage-deflate;.*server_no_context_takeover/],
  ['permessage-deflate; client_no_context_takeover', /^permessage-deflate;.*client_no_context_takeover/],
  ['permessage-deflate; server_max_window_bits=10', /^permessage-deflate;.*server_max_window_bits=10/],
  ['x-other, permessage-deflate', /^permessage-deflate/],
])
  both(`accepted: ${offered}`, on, async (t, server) => {
    const { status, headers } = await offer(t, server, offered);
    assert.equal(status, 101);
    assert.match(headers['sec-websocket-extensions'], accepted);
  });

both('a bare client_max_window_bits is not answered with a value', on, async (t, server) => {
  const { headers } = await offer(t, server, 'permessage-deflate; client_max_window_bits');
  assert.doesNotMatch(headers['sec-websocket-extensions'], /client_max_window_bits=(?!15)/);
});

for (const offered of ['x-other', 'x-other; a=b, x-third'])
  both(`passed over: ${offered}`, on, async (t, server) => {
    const { status, headers } = await offer(t, server, offered);
    assert.deepEqual([status, headers['sec-websocket-extensions']], [101, undefined]);
  });

for (const offered of ['permessage-deflate; unknown', 'permessage-deflate; server_max_window_bits', 'permessage-deflate; server_max_window_bits=7', 'permessage-deflate; server_max_window_bits=16', 'permessage-deflate; server_no_context_takeover=1', 'permessage-deflate; client_max_window_bits=x', 'permessage-deflate; server_no_context_takeover; server_no_context_takeover'])
  both(`refused: ${offered}`, on, async (t, server) => assert.equal((await offer(t, server, offered)).status, 400));

// ---- messages ----

both('a compressed message is read, and so is one that is not', on, async (t, server) => {
  const ws = await compressed(t, server);
  ws.write(deflated('421["in","x"]'));
  await answer(ws, '431[false]');
  ws.send('422["in","x"]');
  await answer(ws, '432[false]');
});

both('a small message is not compressed, a large one is', on, async (t, server) => {
  const ws = await compressed(t, server);
  ws.write(deflated('42["orders",[{"op":"emitSelf","event":"large","size":5000},{"op":"emitSelf","event":"small","size":500}]]'));
  await until(() => ws.frames.length >= 4, 'both');
  const [large, small_] = ws.frames.slice(2, 4);
  assert.ok(large.rsv === COMPRESSED && large.payload.length < 1000);
  assert.equal(messageOf(large), `42["large",0,"${'x'.repeat(5000)}"]`);
  assert.equal(small_.rsv, 0);
});

both('fragments of a compressed message: the first alone has the bit', on, async (t, server) => {
  const ws = await compressed(t, server);
  const bytes = squeeze('421["in","x"]');
  ws.write(frame(TEXT, bytes.subarray(0, 3), { fin: false, rsv: COMPRESSED })).write(frame(CONTINUATION, bytes.subarray(3)));
  await answer(ws, '431[false]');
});

both('binary', on, async (t, server) => {
  const ws = await compressed(t, server);
  const bytes = Buffer.concat([Buffer.alloc(5000, 7), randomBytes(10)]);
  ws.write(deflated('451-["echo",{"_placeholder":true,"num":0}]')).write(deflated(bytes, BINARY));
  await until(() => ws.frames.some((f) => f.opcode === BINARY), 'the bytes');
  const { payload, rsv } = ws.frames.at(-1);
  assert.equal(rsv, COMPRESSED);
  assert.deepEqual(inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH }), bytes);
});

both('an empty message', on, async (t, server) => {
  const ws = await compressed(t, server);
  ws.write(deflated('451-["in",{"_placeholder":true,"num":0}]')).write(frame(BINARY, Buffer.from([0]), { rsv: COMPRESSED }));
  ws.write(deflated('422["in","x"]'));
  await answer(ws, '432[false]');
});

// ---- what may not be ----

for (const [what, code, sent] of [
  ['a ping with the bit', 1002, frame(9, '', { rsv: COMPRESSED })],
  ['another reserved bit', 1002, frame(TEXT, '6', { rsv: 2 })],
  ['a continuation with the bit', 1002, Buffer.concat([frame(TEXT, squeeze('421["in","x"]').subarray(0, 3), { fin: false, rsv: COMPRESSED }), frame(CONTINUATION, squeeze('421["in","x"]').subarray(3), { rsv: COMPRESSED })])],
  ['garbage', 1007, frame(TEXT, Buffer.from([0xff, 0xff, 0xff, 0xff]), { rsv: COMPRESSED })],
  ['text that is not UTF-8 when it is inflated', 1007, deflated(Buffer.from([0x36, 0xff]))],
])
  both(`${what}: ${code}`, on, async (t, server) => {
    const ws = await compressed(t, server);
    ws.write(sent);
    assert.equal(await ws.closed(), code);
    await ws.end();
  });

both('a message that is small and inflates over the limit: 1009', small, async (t, server) => {
  const ws = await compressed(t, server);
  ws.write(deflated('6'.repeat(2_000_000)));
  assert.equal(await ws.closed(), 1009);
  await ws.end();
});

both('the stock client', on, async (t, server) => {
  for (const transports of [['websocket'], ['polling', 'websocket']]) {
    const socket = await joined(t, server, { transports, perMessageDeflate: { threshold: 10 } });
    const args = ['x'.repeat(20_000), Buffer.alloc(20_000, 1), { a: 1 }];
    for (let i = 0; i < 5; i++) {
      const [text, bytes, object] = await socket.ask('echo', ...args);
      assert.deepEqual([text, Buffer.from(bytes), object], args);
    }
  }
});
