// SIGTERM: what was accepted is finished, clients come back by themselves, the process ends well and in time.
import assert from 'node:assert/strict';
import { Client, connectAll } from '../harness/client.mjs';
import { makeDirect, groupOf, history } from '../harness/rest.mjs';
import { Polling } from '../harness/polling.mjs';
import { rawWebSocket, tcp } from '../harness/raw.mjs';
import { startServer } from '../harness/server.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const LIMIT_MS = 10_000;

test('messages in flight: every acknowledged one is stored, and everybody comes back', { limitMs: 90_000 }, async (t) => {
  const server = await startServer({ estates: 1, residents: 4 });
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const settings = [{ transports: ['websocket'] }, { transports: ['polling'] }, {}, { transports: ['websocket'] }];
  const clients = await Promise.all(estate.residents.map((user, i) => new Client(server, user, settings[i]).connected()));
  for (const client of clients) t.after(() => client.close());

  // Each client sends without pause; what is acknowledged is written down, what is not is sent again after the restart.
  const acked = new Map();
  const unsure = new Map();
  let sending = true;
  const pumps = clients.map(async (client, c) => {
    for (let i = 0; sending; i++) {
      const payload = { conversationId: group, content: `${c}/${i}`, clientMessageId: `${c}-${i}` };
      unsure.set(payload.clientMessageId, [client, payload]);
      client.socket.timeout(1500 * slowness).emit('send_message', payload, (error, ack) => {
        if (error || !ack.ok) return;
        unsure.delete(payload.clientMessageId);
        acked.set(payload.clientMessageId, ack);
      });
      if (i % 5 === 0) await new Promise((done) => setTimeout(done, 2));
    }
  });
  await until(() => acked.size > 400, 'some hundred messages', 30_000);
  const end = server.stop();
  await until(() => clients.every((c) => !c.socket.connected), 'the sockets to be closed', 15_000);
  sending = false;
  await Promise.all(pumps);
  const { code, ms } = await end;
  assert.equal(code, 0);
  assert.ok(ms < LIMIT_MS * slowness, `${ms} ms`);
  for (const client of clients) assert.ok(!client.disconnects.includes('io server disconnect'), `a client that would stay away: ${client.disconnects}`);

  const again = await startServer({ data: server.data, port: server.port });
  await until(() => clients.every((c) => c.socket.connected), 'everybody to be back', 30_000);
  const stored = await history(again, estate.admin, group);
  assert.deepEqual(stored.map((m) => m.seq), stored.map((_, i) => i + 1), 'seq without gap');
  const byId = new Map(stored.map((m) => [m.client_message_id, m]));
  assert.equal(byId.size, stored.length, 'nothing twice');
  for (const [id, ack] of acked) {
    assert.equal(byId.get(id)?.message_id, ack.messageId, `acknowledged ${id}`);
    assert.equal(byId.get(id).seq, ack.seq);
  }
  // Of the rest the clients do not know: they ask again.
  for (const [client, payload] of [...unsure.values()].slice(0, 50)) {
    const ack = await client.must('send_message', payload);
    assert.equal(ack.duplicate === true, byId.has(payload.clientMessageId) || acked.has(payload.clientMessageId) || ack.duplicate === true);
  }
  const final = await history(again, estate.admin, group);
  assert.equal(new Set(final.map((m) => m.client_message_id)).size, final.length);
});

test('idle ones, slow ones and half requests do not hold it up', { limitMs: 60_000 }, async (t) => {
  const server = await startServer({ estates: 1 });
  const estate = server.estate();
  await connectAll(t, server, estate.residents, { transports: ['websocket'], reconnection: false });
  const poll = await new Polling(server).open();
  await poll.enter(estate.admin.token);
  const pending = poll.get().catch(() => null);
  tcp(t, server).write('GET /health/li');
  tcp(t, server).write('POST /messaging/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{');
  tcp(t, server);
  const silent = rawWebSocket(t, server); // answers no close frame
  await silent.enter(estate.security.token);
  const { code, ms } = await server.stop();
  assert.equal(code, 0);
  assert.ok(ms < LIMIT_MS * slowness, `${ms} ms`);
  await pending;
});

test('an idle server stops at once; SIGINT does the same', async () => {
  const server = await startServer();
  const { ms } = await server.stop();
  assert.ok(ms < 3000 * slowness, `${ms} ms`);
  const other = await startServer();
  other.stopping = other.exit;
  other.child.kill('SIGINT');
  assert.equal((await other.exit).code, 0);
});

test('what was written is there after a restart, presence begins anew', async (t) => {
  const server = await startServer({ estates: 1 });
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), { transports: ['websocket'] });
  const direct = await makeDirect(server, a.user, b.user);
  const sent = await a.must('send_message', { conversationId: direct, content: 'before' });
  await b.must('mark_as_read', { conversationId: direct, messageId: sent.messageId });
  await server.stop();
  const again = await startServer({ data: server.data, port: server.port });
  await until(() => a.socket.connected && b.socket.connected, 'both to be back', 20_000);
  const next = await a.must('send_message', { conversationId: direct, content: 'after' });
  assert.equal(next.seq, 2);
  await b.next('new_message', (d) => d.message.content === 'after');
  const stored = await history(again, b.user, direct);
  assert.deepEqual(stored.map((m) => m.content), ['before', 'after']);
});
