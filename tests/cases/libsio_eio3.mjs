// libsio for old clients: Engine.IO 3 by hand, socket.io-client 2.5.0 on every transport, and both revisions side by side.
import assert from 'node:assert/strict';
import { Socket as Engine } from 'engine.io-client';
import { createRequire } from 'node:module';
import { joined, startFeatures, stats, watcher } from '../harness/features.mjs';
import { frame, rawWebSocket } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { sleep, soon, test, until } from '../harness/suite.mjs';

const require = createRequire(import.meta.url);
const io = require('socket.io-client-2');
const OldEngine = require('engine.io-client-3');
const server = await startFeatures({ eio3: 1 });
const beating = await startFeatures({ eio3: 1, 'ping-interval': 300, 'ping-timeout': 700 });
const patient = await startFeatures({ eio3: 1, 'ping-interval': 300, 'ping-timeout': 10_000 });
const upTo = (n) => Array.from({ length: n }, (_, i) => i);
const transports = [['websocket'], ['polling'], ['polling', 'websocket']];
const WebSocketQuery = 'EIO=3&transport=websocket';

// ---- polling by hand ----

const ask = (query, options = {}, on = server) => request(on, options.body === undefined ? 'GET' : 'POST', `/socket.io/?EIO=3&transport=polling${query}`, { raw: options.body, headers: options.headers });

/** The packets of a text body. */
function packets(text) {
  const all = [];
  for (let rest = text; rest; ) {
    const at = rest.indexOf(':');
    const n = Number(rest.slice(0, at));
    all.push(rest.slice(at + 1, at + 1 + n));
    rest = rest.slice(at + 1 + n);
  }
  return all;
}

async function session(query = '&b64=1', on = server) {
  const [open] = packets((await ask(query, {}, on)).text);
  const { sid } = JSON.parse(open.slice(1));
  return { sid, query: `${query}&sid=${sid}`, get: () => ask(`${query}&sid=${sid}`, {}, on), post: (body, headers) => ask(`${query}&sid=${sid}`, { body, headers }, on) };
}

test('handshake, CONNECT unasked, event, ping and pong', async () => {
  const open = await ask('');
  assert.equal(open.headers['content-type'], 'text/plain; charset=UTF-8');
  const s = await session();
  assert.equal((await s.get()).text, '2:40');
  assert.equal((await s.post('11:421["echo"]1:2')).text, 'ok');
  assert.deepEqual(packets((await s.get()).text), ['42["echo"]', '431[]', '3']);
  assert.equal((await s.post('6:2probe')).text, 'ok');
  assert.equal((await s.get()).text, '1:3');
});

test('lengths count UTF-16 units', async () => {
  const s = await session();
  const event = '42["echo","é🙂"]';
  await s.get();
  await s.post(`${event.length}:${event}`);
  assert.equal((await s.get()).text, `${event.length}:${event}`);
});

test('bytes: base64 for who asks for it, bytes otherwise, each way', async () => {
  const head = '451-["echo",{"_placeholder":true,"num":0}]';
  const base64 = await session('&b64=1');
  await base64.get();
  await base64.post(`${head.length}:${head}10:b4AQIDBA==`);
  assert.deepEqual(packets((await base64.get()).text), [head, 'b4AQIDBA==']);
  const bytes = await session('');
  await bytes.get();
  const digits = (n) => Buffer.from([...String(n)].map(Number));
  const body = Buffer.concat([Buffer.from([0]), digits(head.length), Buffer.from([255]), Buffer.from(head), Buffer.from([1, 5, 255, 4, 1, 2, 3, 4])]);
  assert.equal((await bytes.post(body, { 'Content-Type': 'application/octet-stream' })).text, 'ok');
  const answer = await bytes.get();
  assert.equal(answer.headers['content-type'], 'application/octet-stream');
  assert.equal(answer.text, body.toString());
});

test('a text that is no UTF-8 is mended, also in a body of bytes', async () => {
  const at = (query) => `/engine/?EIO=3&transport=polling&b64=1${query}`;
  const [open] = packets((await request(server, 'GET', at(''))).text);
  const { sid } = JSON.parse(open.slice(1));
  const body = Buffer.from([0, 4, 255, 0x34, 0x61, 0xff, 0x62]);
  await request(server, 'POST', at(`&sid=${sid}`), { raw: body, headers: { 'Content-Type': 'application/octet-stream' } });
  assert.equal((await request(server, 'GET', at(`&sid=${sid}`))).text, '4:4a\ufffdb');
});

for (const [what, body] of [['no length', '40'], ['a length too long', '9:40'], ['nothing', ''], ['an unknown type', '2:9x'], ['a pong', '1:3']])
  test(`a body with ${what} ends the session`, async () => {
    const s = await session();
    assert.equal((await s.post(body)).text, 'ok');
    assert.deepEqual([(await s.get()).status, (await s.post('1:6')).status], [400, 400]);
  });

test('"1" closes; a GET on the way gets "6"', async () => {
  const s = await session();
  await s.get();
  const pending = s.get();
  await sleep(50);
  await s.post('1:1');
  assert.equal((await pending).text, '1:6');
  assert.equal((await s.get()).status, 400);
});

test('the revision of a session stays, and only the literals count', async () => {
  const s = await session();
  const other = await request(server, 'GET', `/socket.io/?EIO=4&transport=polling&sid=${s.sid}`);
  assert.deepEqual([other.status, other.json.code], [400, 3]);
  for (const eio of ['03', '2', '5', 'abc', '']) assert.equal((await request(server, 'GET', `/socket.io/?EIO=${eio}&transport=polling`)).json.code, 5, eio);
  assert.equal((await request(server, 'GET', '/socket.io/?EIO=4&transport=polling')).text[0], '0');
});

test('who does not ping is gone: polling, WebSocket, and after an upgrade', async (t) => {
  const silent = await session('&b64=1', beating);
  const begun = Date.now();
  const ws = rawWebSocket(t, beating, { query: WebSocketQuery });
  const s = await session('&b64=1', beating);
  const upgraded = rawWebSocket(t, beating, { query: `${WebSocketQuery}&sid=${s.sid}` });
  await until(() => upgraded.open, '101');
  upgraded.send('2probe');
  await upgraded.next('3probe');
  upgraded.send('5');
  await ws.closed();
  await upgraded.closed();
  assert.ok(Date.now() - begun >= 950, `${Date.now() - begun} ms`);
  assert.equal((await silent.get()).status, 400);
});

test('pings keep a session, on the WebSocket after an upgrade too', async (t) => {
  const s = await session('&b64=1', beating);
  const ws = rawWebSocket(t, beating, { query: `${WebSocketQuery}&sid=${s.sid}` });
  await until(() => ws.open, '101');
  ws.send('2probe');
  await ws.next('3probe');
  ws.send('5');
  for (let i = 1; i <= 8; i++) {
    ws.send('2');
    await until(() => ws.texts.filter((x) => x === '3').length === i, 'the pong');
    await sleep(200);
  }
  assert.ok(!ws.ended);
});

// ---- WebSocket by hand ----

test('WebSocket: bytes have their type before them', async (t) => {
  const ws = rawWebSocket(t, server, { query: WebSocketQuery });
  await ws.next((x) => x.startsWith('0{'));
  await ws.next('40');
  ws.send('451-["echo",{"_placeholder":true,"num":0}]').write(frame(2, Buffer.from([4, 1, 2])));
  await until(() => ws.frames.some((f) => f.opcode === 2), 'the bytes');
  assert.deepEqual([...ws.frames.find((f) => f.opcode === 2).payload], [4, 1, 2]);
  ws.write(frame(2, Buffer.from([9])));
  await ws.closed();
});

test('WebSocket: base64 for who asks for it', async (t) => {
  const ws = rawWebSocket(t, server, { query: `${WebSocketQuery}&b64=1` });
  await ws.next('40');
  ws.send('451-["echo",{"_placeholder":true,"num":0}]').send('b4AQI=');
  await ws.next('b4AQI=');
});

test('JSONP', async () => {
  const s = await session('&b64=1').catch(() => null);
  assert.ok(s);
  const open = (await ask('&b64=1&j=3')).text;
  const body = JSON.parse(/^___eio\[3\]\((.*)\);$/.exec(open)[1]);
  const { sid } = JSON.parse(packets(body)[0].slice(1));
  const get = async () => JSON.parse(/^___eio\[3\]\((.*)\);$/.exec((await ask(`&j=4&sid=${sid}`)).text)[1]);
  assert.equal(await get(), '2:40');
  const event = '421["echo","a\\nb"]';
  await ask(`&j=5&sid=${sid}`, { body: `d=${encodeURIComponent(`${event.length}:${event}`.replace(/\\n/g, '\\\\n'))}`, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  assert.deepEqual(packets(await get()), ['42["echo","a\\nb"]', '431["a\\nb"]']);
});

// ---- socket.io-client 2.5.0 ----

function open(t, { namespace = '/', on = server, ...options } = {}) {
  const socket = io(on.url + namespace, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100, ...options });
  Object.assign(socket, { got: [], errors: [], left: [], joins: 0 });
  socket.on('connect', () => socket.joins++);
  socket.on('disconnect', (reason) => socket.left.push(reason));
  socket.on('error', (error) => socket.errors.push(error));
  for (const name of ['echo', 'down', 'n', 'binary']) socket.on(name, (...args) => socket.got.push([name, ...args]));
  socket.ask = (event, ...args) => soon(new Promise((done) => socket.emit(event, ...args, (...answer) => done(answer))), `the ack of "${event}"`);
  t.after(() => socket.close());
  return socket;
}

async function inside(t, options) {
  const socket = open(t, options);
  await until(() => socket.connected, () => `the connection; ${socket.errors}`);
  return socket;
}

test('refused where Engine.IO 3 is not allowed', async (t) => {
  const modern = await startFeatures();
  const socket = open(t, { on: modern, transports: ['polling'], reconnection: false });
  const failed = await soon(new Promise((done) => socket.on('connect_error', done)), 'the refusal');
  assert.ok(failed);
});

for (const names of transports) {
  test(`2.5.0: events, bytes, acks: ${names}`, async (t) => {
    const socket = await inside(t, { transports: names });
    assert.deepEqual(await socket.ask('echo', 'é 🙂', 1), ['é 🙂', 1]);
    const [bytes] = await socket.ask('echo', Buffer.from([0, 4, 255]));
    assert.deepEqual([...new Uint8Array(bytes)], [0, 4, 255]);
    await until(() => socket.got.length === 2, 'both events');
    assert.equal(socket.got[0][1], 'é 🙂');
    assert.deepEqual([...new Uint8Array(socket.got[1][1])], [0, 4, 255]);
  });

  test(`2.5.0: ids are those that the client knows, and rooms of their own: ${names}`, async (t) => {
    const helper = await watcher(t, server);
    const socket = await inside(t, { transports: names });
    const other = await inside(t, { transports: names, namespace: '/other' });
    for (const { id } of [socket, other]) await helper.first('came', (_, who) => who === id);
    await helper.ask('orders', [{ op: 'emit', rooms: [socket.id], event: 'n', size: 3 }]);
    await until(() => socket.got.length === 1, 'the event');
    await other.ask('echo', 1);
    assert.match(other.id, /^\/other#[\w-]{20}$/);
  });

  test(`2.5.0: a broadcast reaches old and new clients alike: ${names}`, async (t) => {
    const room = `mixed ${names}`;
    const old = await inside(t, { transports: names });
    const modern = await joined(t, server, { transports: names });
    for (const s of [old, modern]) await s.ask('join', room);
    await modern.ask('orders', [{ op: 'emit', rooms: [room], event: 'binary', size: 100_000, binary: true }]);
    await until(() => old.got.length === 1 && modern.all('binary').length === 1, 'the event');
    assert.equal(old.got[0][2].byteLength, 100_000);
  });

  test(`2.5.0: namespaces: asked in words, refused, unknown: ${names}`, async (t) => {
    const gate = await inside(t, { transports: names, namespace: '/gate?rooms=none&name=a%20b' });
    assert.deepEqual(await gate.ask('echo', 1), [1]);
    const refused = open(t, { transports: names, namespace: '/gate?refuse=no%20way' });
    await until(() => refused.errors.length, 'the refusal');
    assert.deepEqual(refused.errors, ['no way']);
    const unknown = open(t, { transports: names, namespace: '/nowhere' });
    await until(() => unknown.errors.length, 'the refusal');
    assert.match(JSON.stringify(unknown.errors[0]), /Invalid namespace/);
  });

  test(`2.5.0: closed by the server, the client comes back: ${names}`, async (t) => {
    const socket = await inside(t, { transports: names });
    socket.emit('disconnect-me', true);
    await until(() => socket.joins === 2, 'the second connect');
    assert.deepEqual(socket.left, ['transport close']);
    assert.deepEqual(await socket.ask('echo', 2), [2]);
  });

  test(`2.5.0: lives through heartbeats: ${names}`, async (t) => {
    const socket = await inside(t, { transports: names, on: patient });
    let beats = 0;
    socket.io.on('pong', () => beats++);
    await until(() => beats >= 3, () => `heartbeats: ${beats}`);
    assert.deepEqual(await socket.ask('echo', 1), [1]);
    assert.deepEqual(socket.left, []);
  });
}

test('2.5.0: listed and asked with the id that the client knows', async (t) => {
  const asker = await joined(t, server);
  const ids = [];
  for (const namespace of ['/', '/other']) {
    const socket = await inside(t, { namespace });
    ids.push(socket.id);
    socket.on('asked', (answer) => answer(socket.id));
    const order = { ns: namespace, rooms: [socket.id] };
    asker.emit('orders', [{ op: 'fetch', tag: `who ${namespace}`, ...order }, { op: 'ask', tag: `said ${namespace}`, ...order }]);
    const [, , listed] = await asker.first('sockets', (tag) => tag === `who ${namespace}`);
    assert.deepEqual(listed, [[socket.id, []]]);
    const [, , answers] = await asker.first('answers', (tag) => tag === `said ${namespace}`);
    assert.deepEqual(answers, [[socket.id, [socket.id]]]);
  }
  assert.match(ids[1], /^\/other#/);
});

test('the parameters of a namespace may have any name, and the last of one name counts', async (t) => {
  const ws = rawWebSocket(t, server, { query: WebSocketQuery });
  ws.send('40/gate?a":[{=1&%22%5c%01=2&=3&c&&%ff&refuse=not%20this&refuse=no%20way');
  await ws.next('44/gate,"no way"');
});

test('a namespace with very many parameters costs no more than reading it', async (t) => {
  const ws = rawWebSocket(t, server, { query: WebSocketQuery });
  await ws.next('40');
  const names = Array.from({ length: 12_000 }, (_, i) => i.toString(36));
  const began = performance.now();
  ws.send(`40/other?${names.join('&')}`);
  await ws.next('40/other,');
  assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
});

test('2.5.0: no session waits for a client that knows nothing of recovery', async (t) => {
  const on = await startFeatures({ eio3: 1, recovery: 60_000 });
  const seer = await watcher(t, on);
  for (const namespace of ['/', '/other']) {
    const socket = await inside(t, { on, namespace, reconnection: false });
    const { id } = socket;
    await seer.ask('orders', [{ op: 'emit', ns: namespace, rooms: [id], event: 'n' }]);
    await until(() => socket.got.length === 1, 'the event');
    socket.io.engine.close();
    await seer.first('went', (_, who) => who === id);
  }
  assert.equal((await stats(on)).recoverySessions, 0);
});

test('2.5.0: the upgrade under traffic in both directions', { alone: true }, async (t) => {
  const n = 300;
  const traffic = async () => {
    const socket = await inside(t, { transports: ['polling', 'websocket'] });
    socket.emit('stream', n);
    for (let i = 0; i < n; i++) {
      socket.emit('up', i);
      if (i % 4 === 0) await sleep(10);
    }
    assert.deepEqual(await socket.ask('up-total'), [n, 0]);
    await until(() => socket.got.length >= n, () => `${n} numbers; got ${socket.got.length}`, 20_000);
    assert.deepEqual(socket.got.map(([, i]) => i), upTo(n));
    assert.deepEqual(socket.left, []);
    assert.equal(socket.io.engine.transport.name, 'websocket');
  };
  await Promise.all(upTo(12).map(traffic));
});

// ---- Engine.IO alone, both revisions ----

for (const [version, Socket] of [['3.5.6', OldEngine], ['6.6.8', Engine]])
  test(`engine.io-client ${version}: the upgrade under traffic in both directions`, { alone: true }, async (t) => {
    const n = 300;
    const traffic = async () => {
      const socket = new Socket(server.url, { path: '/engine/' });
      const got = [];
      socket.binaryType = 'arraybuffer';
      socket.on('message', (data) => got.push(typeof data === 'string' ? data : `b${new TextDecoder().decode(data)}`));
      t.after(() => socket.close());
      await until(() => socket.readyState === 'open', 'the handshake');
      const expected = upTo(n).map((i) => (i % 5 ? `${i}` : `b${i}`));
      for (let i = 0; i < n; i++) {
        socket.send(i % 5 ? `${i}` : Buffer.from(`${i}`));
        if (i % 4 === 0) await sleep(5);
      }
      await until(() => got.length >= n, () => `${n} messages; got ${got.length}`, 20_000);
      assert.deepEqual(got, expected);
      assert.equal(socket.transport.name, 'websocket');
    };
    await Promise.all(upTo(8).map(traffic));
  });
