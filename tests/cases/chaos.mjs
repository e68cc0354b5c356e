// Everybody does everything at once, from a seed; afterwards the rules must still hold.
import assert from 'node:assert/strict';
import { Client } from '../harness/client.mjs';
import { random } from '../harness/random.mjs';
import { groupOf, history, makeDirect, makeGroup, request, rest } from '../harness/rest.mjs';
import { importRecords, startServer } from '../harness/server.mjs';
import { userRecord } from '../harness/estate.mjs';
import { sleep, slowness, test, until } from '../harness/suite.mjs';

const seed = Number(process.env.VAULTIFY_TEST_SEED || Date.now() % 1_000_000);
const ACTIONS = slowness > 1 ? 60 : 150; // of each client
const server = await startServer({ estates: 2, residents: 8, threads: 3 });

test(`seed ${seed}`, { limitMs: 120_000 }, async (t) => {
  const estates = [server.estate(), server.estate()];
  const worlds = [];
  for (const estate of estates) {
    const group = await groupOf(server, estate.admin);
    const direct = await makeDirect(server, estate.residents[0], estate.residents[1]);
    const circle = await makeGroup(server, estate.admin, estate.active);
    worlds.push({ estate, conversations: [group, circle], direct, all: [group, circle, direct] });
  }
  const acked = new Map(); // clientMessageId -> {ack, conversationId}
  const clients = [];
  let counter = 0;

  async function act(client, world, roll) {
    const { socket } = client;
    const pick = (list) => list[Math.floor(roll() * list.length)];
    const conversationId = pick(world.conversations);
    const what = roll();
    const clientMessageId = `m${counter++}`;
    const known = (ack) => ack?.ok && acked.set(clientMessageId, { ack, conversationId });
    if (what < 0.4) {
      socket.timeout(20_000 * slowness).emit('send_message', { conversationId, content: clientMessageId, clientMessageId }, (error, ack) => !error && known(ack));
    } else if (what < 0.5) {
      const answer = await request(server, 'POST', `/messaging/conversations/${conversationId}/messages`, { token: client.user.token, body: { content: clientMessageId, type: 'text', client_message_id: clientMessageId } });
      assert.equal(answer.status, 201, answer.text);
      known({ ok: true, messageId: answer.json.message_id, seq: answer.json.seq });
    } else if (what < 0.65) {
      socket.emit('typing', { conversationId, isTyping: roll() < 0.7 });
    } else if (what < 0.75) {
      const seen = client.all('new_message', (d) => d.conversationId === conversationId).at(-1);
      if (seen) socket.emit('mark_as_read', { conversationId, messageId: seen.message.message_id });
    } else if (what < 0.8) {
      socket.emit('estate_broadcast', { message: 'chaos' }); // most may not
    } else if (what < 0.84) {
      socket.emit(pick(['join_estate_group', 'leave_estate_group']), { estateId: pick(estates).id });
    } else if (what < 0.88) {
      client.cut();
    } else if (what < 0.91) {
      if (socket.connected) socket.disconnect().connect();
    } else if (what < 0.95) {
      socket.emit('send_message', { conversationId: pick(worlds).direct, content: 'perhaps not mine' });
    } else if (what < 0.98) {
      await rest(server, client.user, 'GET', pick([`/messaging/conversations?limit=${1 + Math.floor(roll() * 20)}`, `/messaging/conversations/${conversationId}/messages?before_seq=${1 + Math.floor(roll() * 50)}&limit=20`, `/messaging/estate/${client.user.estateId}/online-users`]));
    } else {
      socket.emit(pick(['nonsense', 'send_message']), pick([{}, null, 5, 'x', [1], { conversationId }, { conversationId: 'x' }]));
    }
  }

  const settings = [['websocket'], ['polling'], ['polling', 'websocket']];
  await Promise.all(
    worlds.flatMap((world, w) =>
      [...world.estate.active, ...world.estate.residents.slice(0, 3)].map(async (user, i) => {
        const roll = random(seed + w * 1000 + i);
        const client = new Client(server, user, { transports: settings[i % 3] });
        t.after(() => client.close());
        clients.push([client, world]);
        for (let k = 0; k < ACTIONS; k++) {
          await act(client, world, roll);
          await sleep(roll() * 8);
        }
      }),
    ),
  );
  // Meanwhile somebody is renamed: caches are renewed under load.
  assert.equal((await importRecords(server.data, estates.map((e) => userRecord({ ...e.residents[2], first: 'Renamed' })))).code, 0);
  await until(() => clients.every(([c]) => c.socket.connected && c.socket.io.engine.readyState === 'open'), 'everybody to be connected at the end', 30_000);

  // Everybody hears the last word of each conversation; before it, everything else that was under way.
  for (const { estate, conversations } of worlds) {
    const answers = [];
    for (const id of conversations) answers.push((await rest(server, estate.admin, 'POST', `/messaging/conversations/${id}/messages`, { status: 201, body: { content: 'last word', type: 'text' } })).message_id);
    for (const [client] of clients.filter(([c]) => c.user.estateId === estate.id)) {
      for (const id of answers) {
        await client.next('new_message', (d) => d.message.message_id === id, 20_000).catch((error) => {
          throw new Error(`${client.state()}: ${error.message}`);
        });
      }
    }
  }

  const stored = new Map();
  for (const { estate, conversations } of worlds) {
    for (const id of conversations) {
      const rows = await history(server, estate.admin, id);
      assert.deepEqual(rows.map((m) => m.seq), rows.map((_, i) => i + 1), 'seq without gap');
      assert.equal(new Set(rows.map((m) => m.message_id)).size, rows.length);
      const ids = rows.map((m) => m.client_message_id).filter(Boolean);
      assert.equal(new Set(ids).size, ids.length, 'nothing twice');
      for (const m of rows) stored.set(m.message_id, m);
    }
  }
  for (const [id, { ack, conversationId }] of acked) {
    const m = stored.get(ack.messageId);
    assert.ok(m, `acknowledged ${id} is lost`);
    assert.deepEqual([m.seq, m.client_message_id, m.conversation_id], [ack.seq, id, conversationId]);
  }
  assert.ok(acked.size > clients.length * 10, `enough happened: ${acked.size}`);

  for (const [client, world] of clients) {
    for (const id of world.conversations) {
      // However often the line was cut: never back, never twice.
      const entries = client.log
        .map((e) => ({ seq: e.event === 'new_message' && e.data.conversationId === id ? e.data.message.seq : 0, id: e.data?.message?.message_id }))
        .filter((e) => e.seq);
      for (let i = 1; i < entries.length; i++) assert.ok(entries[i].seq > entries[i - 1].seq, `${client.user.first}: ${entries[i - 1].seq} before ${entries[i].seq}`);
      for (const e of entries) assert.equal(stored.get(e.id)?.seq, e.seq);
    }
    for (const e of client.log) {
      if (e.event === 'new_message') assert.ok(world.all.includes(e.data.conversationId), 'a message of a foreign conversation');
      if (e.event === 'estate_broadcast') assert.equal(e.data.estateId, world.estate.id);
      if (e.event === 'user_typing') assert.ok(world.all.includes(e.data.conversationId));
      if (e.event === 'user_online' || e.event === 'user_offline') assert.ok(world.estate.users.some((u) => u.id === e.data.userId));
    }
  }
  const online = await Promise.all(estates.map((e) => rest(server, e.admin, 'GET', `/messaging/estate/${e.id}/online-users`)));
  assert.deepEqual(online.map((o) => o.length), estates.map((e) => e.active.length));
});
