// WebSocket sessions and the upgrade from polling, by hand and under traffic.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Client, connect } from '../harness/client.mjs';
import { polling } from '../harness/polling.mjs';
import { CLOSE, frame, PING, PONG, rawWebSocket } from '../harness/raw.mjs';
import { groupOf, history } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { keys } from '../harness/shape.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 32, residents: 12, threads: 4 });
const probe = (t, sid) => rawWebSocket(t, server, { query: `EIO=4&transport=websocket&sid=${sid}` });
const join = (estate, id) => `42/messaging,${id}${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`;

async function session(t) {
  const estate = server.estate();
  const poll = await polling(t, server);
  await poll.enter(estate.residents[0].token);
  return { estate, poll };
}

test('a session on WebSocket alone', async (t) => {
  const estate = server.estate();
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const ws = rawWebSocket(t, server, { key });
  const open = JSON.parse((await ws.next((x) => x.startsWith('0{'))).slice(1));
  keys(open, ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
  assert.deepEqual(open.upgrades, []);
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  assert.match(ws.text.toLowerCase(), new RegExp(`sec-websocket-accept: ${accept.toLowerCase().replace(/[+/=]/g, '\\$&')}\r\n`));
  ws.send(`40/messaging,${JSON.stringify({ token: estate.admin.token })}`);
  const answer = await ws.next((x) => x.startsWith('40/messaging,'));
  const connected = JSON.parse(answer.slice('40/messaging,'.length));
  keys(connected, ['sid']);
  assert.notEqual(connected.sid, open.sid);
  ws.send(join(estate, 1));
  await ws.next((x) => x.startsWith('43/messaging,1['));
  ws.write(frame(PING, 'hello'));
  await until(() => ws.frames.some((f) => f.opcode === PONG && f.payload.toString() === 'hello'), 'the pong');
  assert.ok(ws.frames.every((f) => f.fin && !f.masked));
  ws.send('41/messaging,');
  ws.send(`40/messaging,${JSON.stringify({ token: estate.admin.token })}`);
  await until(() => ws.texts.filter((x) => x.startsWith('40/messaging,')).length === 2, 'the second CONNECT');
});

test('refused before 101', async (t) => {
  for (const query of ['EIO=3&transport=websocket', 'EIO=5&transport=websocket', 'transport=websocket', 'EIO=4&transport=abc', 'EIO=4', 'EIO=4&transport=websocket&sid=unknown']) {
    const ws = rawWebSocket(t, server, { query });
    await until(() => ws.refused || ws.open || ws.ended, 'an answer');
    assert.equal(ws.refused, 400, query);
    await ws.end();
  }
});

test('an offered permessage-deflate is left alone', async (t) => {
  const ws = rawWebSocket(t, server, { headers: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n' });
  await ws.next((x) => x.startsWith('0{'));
  assert.ok(!/sec-websocket-extensions/i.test(ws.text));
});

test('"1" ends the session', async (t) => {
  const estate = server.estate();
  const ws = rawWebSocket(t, server);
  await ws.enter(estate.residents[0].token);
  ws.send('1');
  await ws.closed();
});

test('upgrade, step by step', async (t) => {
  const { estate, poll } = await session(t);
  // Nothing is waiting now but perhaps presence: fetch until a GET hangs.
  let pending = poll.get();
  const ws = probe(t, poll.sid);
  await until(() => ws.open, '101');
  ws.send('2probe');
  await ws.next('3probe');
  // A pending GET is answered "6" so that the client can leave.
  for (;;) {
    const answer = await pending;
    assert.equal(answer.status, 200);
    poll.packets.push(...answer.text.split('\x1e'));
    if (answer.text === '6') break;
    pending = poll.get();
  }
  ws.send('5');
  ws.send(join(estate, 1));
  await ws.next((x) => x.startsWith('43/messaging,1['));
  // Polling is over for this session.
  const late = await poll.get();
  assert.equal(late.status, 400);
  assert.equal(late.json.code, 3);
  // A second WebSocket is sent away, the first one lives.
  const second = probe(t, poll.sid);
  await until(() => second.refused || second.ended || second.frames.some((f) => f.opcode === CLOSE), 'the second to be closed');
  ws.send(join(estate, 2));
  await ws.next((x) => x.startsWith('43/messaging,2['));
});

test('"5" without a probe is taken', async (t) => {
  const { estate, poll } = await session(t);
  const ws = probe(t, poll.sid);
  await until(() => ws.open, '101');
  ws.send('5');
  ws.send(join(estate, 1));
  await ws.next((x) => x.startsWith('43/messaging,1['));
});

test('anything else than a probe ends that WebSocket alone, and a new probe may follow', async (t) => {
  const { estate, poll } = await session(t);
  for (const first of ['4hello', '2', 'abc', '']) {
    const ws = probe(t, poll.sid);
    await until(() => ws.open, '101');
    ws.send(first);
    await ws.closed();
    ws.close();
  }
  const lost = probe(t, poll.sid);
  await until(() => lost.open, '101');
  lost.send('2probe');
  await lost.next('3probe');
  lost.close();
  await poll.post(join(estate, 1));
  await poll.until((p) => p.startsWith('43/messaging,1['));
  let again;
  await until(async () => {
    again = probe(t, poll.sid);
    await until(() => again.open || again.refused, '101');
    if (!again.open) return false;
    again.send('2probe');
    await until(() => again.texts.includes('3probe') || again.ended || again.frames.some((f) => f.opcode === CLOSE), 'an answer to the probe');
    return again.texts.includes('3probe');
  }, 'a second probe');
});

test('messages that wait when the upgrade comes are delivered on the WebSocket', async (t) => {
  const { estate, poll } = await session(t);
  const other = await connect(t, server, estate.residents[1], { transports: ['websocket'] });
  const group = await groupOf(server, estate.admin);
  const ws = probe(t, poll.sid);
  await until(() => ws.open, '101');
  ws.send('2probe');
  await ws.next('3probe');
  for (let i = 0; i < 5; i++) await other.must('send_message', { conversationId: group, content: `m${i}` }); // no GET is pending
  ws.send('5');
  await ws.next((x) => x.includes('"m4"'));
  const got = ws.texts.filter((x) => x.startsWith('42/messaging,["new_message"')).map((x) => JSON.parse(x.slice(x.indexOf('[')))[1].message.content);
  assert.deepEqual(got, ['m0', 'm1', 'm2', 'm3', 'm4']);
});

test('a WebSocket on an unknown path is not left hanging', async (t) => {
  const ws = rawWebSocket(t, server, { path: '/nowhere/' });
  await until(() => ws.refused || ws.ended, 'a refusal');
});

test('upgrades under traffic in both directions: no loss, no double, no other order', { limitMs: 90_000 }, async (t) => {
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const talker = await connect(t, server, estate.admin, { transports: ['websocket'] });
  let talking = true;
  let spoken = 0;
  const talk = (async () => {
    for (; talking; spoken++) {
      await talker.must('send_message', { conversationId: group, content: `t/${spoken}` }, 30_000);
      await sleep(1);
    }
  })();
  const clients = estate.residents.map((user) => new Client(server, user));
  for (const c of clients) t.after(() => c.close());
  const each = 30;
  await Promise.all(
    clients.map(async (client, c) => {
      await client.connected();
      const acks = [];
      // Sent one behind the other without waiting, right through the change of transport.
      for (let i = 0; i < each; i++) {
        acks.push(client.must('send_message', { conversationId: group, content: `${c}/${i}`, clientMessageId: `${c}/${i}` }, 30_000));
        await sleep(2);
      }
      const seqs = (await Promise.all(acks)).map((a) => a.seq);
      assert.deepEqual(seqs, [...seqs].sort((x, y) => x - y), `${c}: in the order of sending`);
      await until(() => client.transport === 'websocket', 'the upgrade');
    }),
  );
  talking = false;
  await talk;
  const stored = await history(server, estate.admin, group);
  assert.equal(stored.length, clients.length * each + spoken);
  assert.deepEqual(stored.map((m) => m.seq), stored.map((_, i) => i + 1));
  for (const client of clients) {
    await client.next('new_message', (d) => d.message.seq === stored.length, 20_000);
    const seqs = client.all('new_message').map((d) => d.message.seq);
    assert.deepEqual(seqs, Array.from({ length: stored.length - seqs[0] + 1 }, (_, i) => seqs[0] + i), `gapless at ${client.user.first}`);
    assert.ok(seqs[0] <= stored.length - each, 'from the connect on');
    assert.deepEqual(client.disconnects, []);
  }
});

test('frames in the same segment as the handshake are not lost, on whichever loop the session is', async (t) => {
  for (let i = 0; i < 8; i++) {
    const { estate, poll } = await session(t);
    const ws = probe(t, poll.sid);
    ws.send('2probe'); // leaves with the request
    await ws.next('3probe');
    ws.send('5');
    ws.send(join(estate, 1));
    await ws.next((x) => x.startsWith('43/messaging,1['));
  }
  const estate = server.estate();
  const direct = rawWebSocket(t, server);
  direct.send(`40/messaging,${JSON.stringify({ token: estate.admin.token })}`);
  direct.send(join(estate, 5));
  await direct.next((x) => x.startsWith('43/messaging,5['));
});
