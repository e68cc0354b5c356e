// RFC 6455: what it demands of a server, rule by rule, against the bare echo of `conformance`, plain and over TLS.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { certificate } from '../harness/certificate.mjs';
import { BINARY, CLOSE, CONTINUATION, frame, PING, PONG, rawWebSocket, tcp, TEXT } from '../harness/raw.mjs';
import { example, launch } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const files = certificate();
const start = (...args) => launch(example('conformance'), ['--port', '0', '--threads', '2', ...args]);
const servers = { plain: await start(), TLS: await start('--tls', files.chain, files.key) };
const MiB = 1024 * 1024;
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

// ---- what the rules are tested with ----

async function open(t, to, options) {
  const ws = rawWebSocket(t, to, { path: '/echo', query: '', ...options });
  await until(() => ws.open || ws.refused || ws.ended, 'the handshake');
  assert.ok(ws.open, ws.text);
  return ws;
}

/** These frames end the connection with that code, at once and for good. */
async function fails(t, to, code, ...frames) {
  const ws = await open(t, to);
  ws.write(Buffer.concat(frames));
  assert.equal(await ws.closed(), code, frames.map((f) => f.subarray(0, 20).toString('hex')).join(' '));
  await ws.end();
  assert.equal(ws.frames.length, 1, 'nothing but the close frame');
}

const closeFrame = (code, reason = '') => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(CLOSE, Buffer.concat([head, Buffer.from(reason)]));
};

/** A message in fragments of that size. */
function fragments(opcode, message, size) {
  const data = Buffer.from(message);
  const out = [];
  let at = 0;
  do {
    out.push(frame(at === 0 ? opcode : CONTINUATION, data.subarray(at, at + size), { fin: at + size >= data.length }));
    at += size;
  } while (at < data.length);
  return out;
}

/** The echo of the next message on an open connection. */
async function echoes(ws, opcode, message, frames, ms) {
  const before = ws.frames.length;
  for (const f of frames) ws.write(f);
  await until(() => ws.frames.length > before || ws.ended, 'the echo', ms);
  const got = ws.frames[before];
  assert.ok(got && got.opcode === opcode && got.fin && got.payload.equals(Buffer.from(message)), `${message.length} bytes as ${frames.length} frames`);
  ws.frames.length = before; // large ones are not kept
}

const HEAD = { Host: 'a', Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13' };

/** The answer to a handshake with these headers (null: left out), as text. */
async function shake(t, to, changes = {}, first = 'GET /echo HTTP/1.1') {
  const connection = tcp(t, to);
  const lines = Object.entries({ ...HEAD, ...changes }).filter(([, value]) => value !== null);
  connection.write(`${first}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  await until(() => connection.text.includes('\r\n\r\n') || connection.ended, 'an answer');
  return connection.text;
}

const accepted = async (...args) => assert.match(await shake(...args), /^HTTP\/1\.1 101 /);
const refused = async (...args) => assert.match(await shake(...args), /^HTTP\/1\.1 400 [^]*\r\nConnection: close\r\n/);

const GOOD_TEXTS = ['κόσμε', '\u0000', '\u007f\u0080\u07ff\u0800\uffff', '\u{10000}\u{10ffff}', '\ud7ff\ue000\ufffd\ufdd0', 'Hello-µ@ßöäüàá-UTF-8!!'];
const BAD_TEXTS = ['80', 'bf', 'c0af', 'c1bf', 'e080af', 'f08080af', 'eda080', 'edbfbf', 'f4908080', 'f888808080', 'fc8480808080', 'fe', 'ff', 'cebae1bdb9cf83cebcceb5eda080656469746564', '61e282', '61f09f98', 'e28261', 'f09f9861', 'c3'].map((x) => Buffer.from(x, 'hex'));
const GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const BAD_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];

const headOf = (first, length, bytes) => Buffer.concat([Buffer.from([first, 0x80 | length, ...bytes]), Buffer.alloc(4)]);

async function reservedBits(t, to) {
  for (let rsv = 1; rsv <= 7; rsv++) for (const opcode of [TEXT, BINARY, PING, PONG, CLOSE]) await fails(t, to, 1002, frame(opcode, '', { rsv }));
  await fails(t, to, 1002, frame(TEXT, 'a', { fin: false }), frame(CONTINUATION, 'b', { rsv: 4 }));
}

async function badReasons(t, to) {
  for (const bytes of BAD_TEXTS) await fails(t, to, 1007, closeFrame(1000, bytes));
}

async function badTexts(t, to) {
  for (const bytes of BAD_TEXTS) for (const size of new Set([1, 2, 3, bytes.length])) await fails(t, to, 1007, ...fragments(TEXT, bytes, size));
  await fails(t, to, 1007, frame(TEXT, Buffer.from('616263c080', 'hex'), { fin: false })); // before the message is whole
  await fails(t, to, 1007, frame(TEXT, Buffer.from('61f0', 'hex'), { fin: false }), frame(CONTINUATION, 'b', { fin: false }));
}

// ---- the rules: section, what it demands, how that is seen ----

const rules = [
  ['4.1', 'the method is GET and the version at least 1.1', async (t, to) => {
    await refused(t, to, { 'Content-Length': '0' }, 'POST /echo HTTP/1.1');
    assert.match(await shake(t, to, {}, 'GET /echo HTTP/1.0'), /^HTTP\/1\.1 400 /);
    await accepted(t, to);
  }],
  ['4.1', 'the resource name may have a query', (t, to) => accepted(t, to, {}, 'GET /echo?a=b&c HTTP/1.1')],
  ['4.2.1', 'a Host is needed, and one alone', async (t, to) => {
    assert.match(await shake(t, to, { Host: null }), /^HTTP\/1\.1 400 /);
    assert.match(await shake(t, to, { HOST: 'b' }), /^HTTP\/1\.1 400 /);
  }],
  ['4.2.1', 'Upgrade names websocket, without case', async (t, to) => {
    await accepted(t, to, { Upgrade: 'WebSocket' });
    await accepted(t, to, { Upgrade: 'WEBSOCKET' });
    for (const Upgrade of [null, 'websocket2', 'h2c', '']) await refused(t, to, { Upgrade });
  }],
  ['4.2.1', 'Connection has the token Upgrade, without case, among others', async (t, to) => {
    for (const Connection of ['upgrade', 'UPGRADE', 'keep-alive, Upgrade', 'Upgrade,keep-alive', 'keep-alive ,  upgrade ']) await accepted(t, to, { Connection });
    for (const Connection of [null, 'keep-alive', 'Upgraded', 'close']) await refused(t, to, { Connection });
  }],
  ['4.2.1', 'names of headers are without case', (t, to) => accepted(t, to, { Upgrade: null, Connection: null, 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null, UPGRADE: 'websocket', connection: 'upgrade', 'sec-websocket-key': KEY, 'SEC-WEBSOCKET-VERSION': '13' })],
  ['4.2.1', 'the key is 16 bytes in base64', async (t, to) => {
    const keys = [null, '', 'short', KEY.slice(0, -1), `${KEY}=`, randomBytes(15).toString('base64'), randomBytes(18).toString('base64'), 'dGhlIHNhbXBsZSBub25j!Q==', 'dGhlIHNhbXBsZSBub25jZQ  '];
    for (const key of keys) await refused(t, to, { 'Sec-WebSocket-Key': key });
    for (let i = 0; i < 5; i++) await accepted(t, to, { 'Sec-WebSocket-Key': randomBytes(16).toString('base64') });
  }],
  ['4.2.1', 'an Origin, a protocol, an extension and unknown headers may be there', (t, to) => accepted(t, to, { Origin: 'https://example.com', 'Sec-WebSocket-Extensions': 'x-unknown; a=b', 'X-Other': '1' })],
  ['4.2.2', 'the answer: 101, Upgrade, Connection, and the accept value of the key', async (t, to) => {
    const text = await shake(t, to);
    assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(text, /\r\nUpgrade: websocket\r\n/i);
    assert.match(text, /\r\nConnection: Upgrade\r\n/i);
    assert.ok(text.includes('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n'));
    const key = randomBytes(16).toString('base64');
    const value = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    assert.ok((await shake(t, to, { 'Sec-WebSocket-Key': key })).includes(`\r\nSec-WebSocket-Accept: ${value}\r\n`));
  }],
  ['4.2.2', 'no subprotocol and no extension that was not offered', async (t, to) => {
    const text = await shake(t, to);
    assert.ok(!/sec-websocket-(protocol|extensions)/i.test(text));
    assert.match(await shake(t, to, { 'Sec-WebSocket-Protocol': 'one, two' }), /\r\nSec-WebSocket-Protocol: one\r\n/i);
    assert.ok(!/sec-websocket-extensions/i.test(await shake(t, to, { 'Sec-WebSocket-Extensions': 'x-unknown' })));
  }],
  ['4.4', 'another version is answered with those that we know', async (t, to) => {
    for (const version of [null, '', '0', '7', '12', '14', '25', '013', '13, 8']) {
      const text = await shake(t, to, { 'Sec-WebSocket-Version': version });
      assert.match(text, /^HTTP\/1\.1 400 /, String(version));
      assert.match(text, /\r\nSec-WebSocket-Version: 13, 8\r\n/);
    }
  }],
  ['4.2.2', 'frames in the segment of the handshake, and a handshake in single bytes', async (t, to) => {
    const behind = rawWebSocket(t, to, { path: '/echo' });
    behind.write(frame(TEXT, 'at once'));
    await behind.next('at once');
    const connection = tcp(t, to);
    const text = `GET /echo HTTP/1.1\r\n${Object.entries(HEAD).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
    for (const character of text) {
      connection.write(character);
      await new Promise((done) => setImmediate(done));
    }
    await until(() => /^HTTP\/1\.1 101 [^]*\r\n\r\n/.test(connection.text), 'the answer');
  }],
  ['5.1', 'a frame without a mask ends the connection', async (t, to) => {
    for (const opcode of [TEXT, BINARY, PING, CLOSE]) await fails(t, to, 1002, frame(opcode, '', { masked: false }));
    await fails(t, to, 1002, frame(TEXT, 'a', { fin: false }), frame(CONTINUATION, 'b', { masked: false }));
  }],
  ['5.1', 'our own frames have none', async (t, to) => {
    const ws = await open(t, to);
    ws.write(Buffer.concat([frame(TEXT, 'a'), frame(PING, 'b'), frame(BINARY, 'c'), closeFrame(1000)]));
    await ws.end();
    assert.deepEqual(ws.frames.map((f) => [f.opcode, f.masked, f.fin, f.rsv]), [TEXT, PONG, BINARY, CLOSE].map((opcode) => [opcode, false, true, 0]));
  }],
  ['5.2', 'reserved bits that nobody has negotiated', reservedBits],
  ['5.2', 'reserved opcodes', async (t, to) => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) await fails(t, to, 1002, frame(opcode, ''), frame(TEXT, 'not heard'));
  }],
  ['5.2', 'a length is written in its shortest form, and without the top bit', async (t, to) => {
    await fails(t, to, 1002, headOf(0x82, 126, [0, 0]));
    await fails(t, to, 1002, headOf(0x82, 126, [0, 125]), Buffer.alloc(125));
    await fails(t, to, 1002, headOf(0x82, 127, [0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(1));
    await fails(t, to, 1002, headOf(0x82, 127, [0, 0, 0, 0, 0, 0, 255, 255]));
    await fails(t, to, 1002, headOf(0x82, 127, [0x80, 0, 0, 0, 0, 0, 0, 0]));
    await fails(t, to, 1002, headOf(0x82, 127, [255, 255, 255, 255, 255, 255, 255, 255]));
  }],
  ['5.3', 'whatever the mask, also none of its bits, and another one in each fragment', async (t, to) => {
    const ws = await open(t, to);
    await echoes(ws, BINARY, 'abc', [Buffer.concat([Buffer.from([0x82, 0x83, 0, 0, 0, 0]), Buffer.from('abc')])]);
    await echoes(ws, BINARY, Buffer.from([0, 0, 0, 0, 0]), [Buffer.from([0x82, 0x85, 255, 255, 255, 255, 255, 255, 255, 255, 255])]);
    for (let n = 0; n < 40; n++) {
      const message = randomBytes(n);
      await echoes(ws, BINARY, message, fragments(BINARY, message, 3));
    }
  }],
  ['5.4', 'a continuation continues something', async (t, to) => {
    await fails(t, to, 1002, frame(CONTINUATION, 'x'));
    await fails(t, to, 1002, frame(CONTINUATION, 'x', { fin: false }));
    const ws = await open(t, to);
    ws.write(Buffer.concat([...fragments(TEXT, 'abcd', 2), frame(CONTINUATION, 'x')]));
    assert.equal(await ws.closed(), 1002);
    assert.deepEqual(ws.texts, ['abcd']);
  }],
  ['5.4', 'messages are not mixed', async (t, to) => {
    for (const opcode of [TEXT, BINARY]) for (const fin of [true, false]) await fails(t, to, 1002, frame(TEXT, 'a', { fin: false }), frame(opcode, 'b', { fin }));
  }],
  ['5.4', 'fragments may be empty', async (t, to) => {
    const ws = await open(t, to);
    const empty = (opcode) => frame(opcode, '', { fin: false });
    await echoes(ws, TEXT, '', [empty(TEXT), empty(CONTINUATION), frame(CONTINUATION, '')]);
    await echoes(ws, TEXT, 'ab', [empty(TEXT), frame(CONTINUATION, 'a', { fin: false }), empty(CONTINUATION), frame(CONTINUATION, 'b', { fin: false }), frame(CONTINUATION, '')]);
    await echoes(ws, BINARY, 'c', [empty(BINARY), frame(CONTINUATION, 'c')]);
  }],
  ['5.4', 'control frames between fragments are answered before the message', async (t, to) => {
    const ws = await open(t, to);
    const parts = fragments(TEXT, 'fragmented', 3);
    ws.write(Buffer.concat(parts.flatMap((f, i) => (i ? [frame(PING, `p${i}`), frame(PONG, 'unasked'), f] : [f]))));
    await ws.next('fragmented');
    assert.deepEqual(ws.frames.map((f) => [f.opcode, f.payload.toString()]), [[PONG, 'p1'], [PONG, 'p2'], [PONG, 'p3'], [TEXT, 'fragmented']]);
  }],
  ['5.4', 'a close frame between fragments ends it, without the message', async (t, to) => {
    const ws = await open(t, to);
    ws.write(Buffer.concat([frame(TEXT, 'a', { fin: false }), closeFrame(1000), frame(CONTINUATION, 'b')]));
    assert.equal(await ws.closed(), 1000);
    await ws.end();
    assert.deepEqual(ws.texts, []);
  }],
  ['5.5', 'control frames hold at most 125 bytes and are not fragmented', async (t, to) => {
    for (const opcode of [CLOSE, PING, PONG]) {
      await fails(t, to, 1002, frame(opcode, Buffer.alloc(126)));
      await fails(t, to, 1002, frame(opcode, '', { fin: false }));
      await fails(t, to, 1002, headOf(0x80 | opcode, 127, [0, 0, 0, 0, 0, 1, 0, 0]));
    }
    await fails(t, to, 1002, frame(TEXT, 'a', { fin: false }), frame(PING, 'p', { fin: false }));
  }],
  ['5.5.1', 'a close frame is answered with its code, then the connection ends', async (t, to) => {
    for (const reason of ['', 'bye', 'é😀', 'x'.repeat(123)]) {
      const ws = await open(t, to);
      ws.write(closeFrame(1000, reason));
      assert.equal(await ws.closed(), 1000);
      await ws.end();
    }
    const ws = await open(t, to);
    ws.write(frame(CLOSE, ''));
    assert.equal(await ws.closed(), 0);
    await ws.end();
  }],
  ['5.5.1', 'what was sent before is answered, what comes behind is not', async (t, to) => {
    const ws = await open(t, to);
    ws.write(Buffer.concat([frame(TEXT, 'before'), closeFrame(1001), frame(TEXT, 'behind'), frame(PING, 'behind'), Buffer.from('no frame at all')]));
    await ws.end();
    assert.deepEqual(ws.frames.map((f) => f.opcode), [TEXT, CLOSE]);
  }],
  ['5.5.1', 'half a code is none', (t, to) => fails(t, to, 1002, frame(CLOSE, Buffer.from([3])))],
  ['5.5.1', 'a reason is UTF-8', badReasons],
  ['5.5.2', 'a ping is answered with its own bytes, in order', async (t, to) => {
    const ws = await open(t, to);
    const payloads = [0, 1, 2, 7, 8, 124, 125].map((n) => randomBytes(n));
    for (const payload of payloads) ws.write(frame(PING, payload));
    await until(() => ws.frames.length === payloads.length, 'the pongs');
    assert.ok(ws.frames.every((f, i) => f.opcode === PONG && f.payload.equals(payloads[i])));
  }],
  ['5.5.3', 'an unsolicited pong is not answered', async (t, to) => {
    const ws = await open(t, to);
    ws.write(Buffer.concat([frame(PONG, ''), frame(PONG, 'unasked'), frame(TEXT, 'on')]));
    await ws.next('on');
    assert.equal(ws.frames.length, 1);
  }],
  ['5.6', 'text is text and binary is binary', async (t, to) => {
    const ws = await open(t, to);
    for (const bytes of BAD_TEXTS) await echoes(ws, BINARY, bytes, [frame(BINARY, bytes)]);
    await echoes(ws, TEXT, 'binary?', [frame(TEXT, 'binary?')]);
  }],
  ['8.1', 'good UTF-8, cut anywhere, is taken', async (t, to) => {
    const ws = await open(t, to);
    for (const text of GOOD_TEXTS) {
      const n = Buffer.byteLength(text);
      for (let size = 1; size <= n; size++) await echoes(ws, TEXT, text, fragments(TEXT, text, size));
    }
  }],
  ['8.1', 'bad UTF-8, cut anywhere, ends the connection', badTexts],
  ['7.1.1', 'the server ends TCP first', async (t, to) => {
    const ws = await open(t, to);
    let ended = false;
    ws.socket.on('end', () => (ended = true));
    ws.write(closeFrame(1000));
    await until(() => ended, 'the end');
  }],
  ['7.1.7', 'after a failure nothing more is heard', (t, to) => fails(t, to, 1002, frame(3, ''), frame(TEXT, 'x'), frame(PING, 'y'), closeFrame(1000))],
  ['7.4', 'codes that may be sent are answered', async (t, to) => {
    for (const code of GOOD_CODES) {
      const ws = await open(t, to);
      ws.write(closeFrame(code));
      assert.equal(await ws.closed(), code);
    }
  }],
  ['7.4', 'codes that may not are a protocol error', async (t, to) => {
    for (const code of BAD_CODES) await fails(t, to, 1002, closeFrame(code));
  }],
  ['10.4', 'a message above the limit is refused by its head, also across fragments', async (t, to) => {
    await fails(t, to, 1009, headOf(0x82, 127, [0, 0, 0, 0, 1, 0, 0, 1]));
    await fails(t, to, 1009, headOf(0x81, 127, [0x7f, 255, 255, 255, 255, 255, 255, 255]));
    await fails(t, to, 1009, frame(BINARY, Buffer.alloc(8 * MiB), { fin: false }), headOf(0x80, 127, [0, 0, 0, 0, 0, 0x80, 0, 1]));
  }],
];

// What takes a connection for each of many inputs is not done twice.
const MANY = [reservedBits, badReasons, badTexts];
for (const [kind, to] of Object.entries(servers))
  for (const [section, what, check] of rules) if (to === servers.plain || !MANY.includes(check)) test(`§${section} ${what} (${kind})`, (t) => check(t, to));

// ---- §5.4, §6: messages of every form of length, in fragments of every form of length ----

const text = (n) => Buffer.from('é😀x'.repeat(Math.ceil(n / 7) + 1)).subarray(0, n);
/** Text of n bytes that ends with a whole character. */
function wholeText(n) {
  const bytes = Buffer.from(text(n));
  for (let i = n - 1; i >= Math.max(0, n - 6); i--) bytes[i] = 0x2e;
  for (let i = n - 7; i >= 0 && bytes[i] >= 0x80; i--) bytes[i] = 0x2e;
  return bytes;
}

const SIZES = [0, 1, 125, 126, 127, 65535, 65536];
const FRAGMENTS = [1, 2, 125, 126, 127, 1000, 65535, 65536, Infinity];
for (const [kind, to] of Object.entries(servers))
  for (const [name, opcode, make] of [['text', TEXT, wholeText], ['binary', BINARY, randomBytes]]) {
    test(`${name} of ${SIZES} bytes in fragments of ${FRAGMENTS} (${kind})`, async (t) => {
      const ws = await open(t, to);
      for (const n of SIZES) {
        const message = make(n);
        for (const size of FRAGMENTS.filter((f) => f === 1 || f <= n || f === Infinity)) {
          const sent = Buffer.concat(fragments(opcode, message, size === Infinity ? n || 1 : size));
          await echoes(ws, opcode, message, [sent], 20_000);
        }
      }
    });
    test(`${name} of 16 MiB (${kind})`, async (t) => {
      const ws = await open(t, to);
      const message = make(16 * MiB);
      for (const size of [1000, 65536, MiB, 16 * MiB]) await echoes(ws, opcode, message, fragments(opcode, message, size), 30_000);
    });
  }
