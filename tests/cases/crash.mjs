// kill -9 of a loaded server, again and again on the same data: every acknowledged message is there, once, with
// its seq, and no seq is missing.
import assert from 'node:assert/strict';
import { Client } from '../harness/client.mjs';
import { groupOf, history, makeDirect } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const KILLS = Number(process.env.VAULTIFY_TEST_KILLS || 25);
const LOAD = slowness > 1 ? 60 : 200; // acknowledged messages before a kill, at least

test(`${KILLS} kills under load`, { limitMs: 140_000 }, async () => {
  let server = await startServer({ estates: 1, residents: 3 });
  const { data } = server;
  const estate = server.estate();
  const people = estate.residents;
  const conversations = [await groupOf(server, estate.admin), await makeDirect(server, people[0], people[1])];
  const acked = new Map(); // clientMessageId -> ack
  let unsure = []; // sent, never answered
  let open = 0;

  for (let round = 0; round < KILLS; round++) {
    const clients = await Promise.all(people.map((user) => new Client(server, user, { transports: ['websocket'], reconnection: false }).connected()));
    const receiver = clients[1];
    // What the last round left open is sent again first: stored once, whatever became of it.
    for (const { from, payload } of unsure) {
      const ack = await clients[from].must('send_message', payload);
      acked.set(payload.clientMessageId, ack);
    }
    unsure = [];
    const target = acked.size + LOAD + ((round * 37) % LOAD);
    let sending = true;
    const pumps = [0, 1, 2].map(async (from) => {
      for (let i = 0; sending; i++) {
        const conversationId = conversations[from < 2 ? i % 2 : 0];
        const payload = { conversationId, content: `round ${round}`, clientMessageId: `${round}/${from}/${i}` };
        const item = { from, payload };
        unsure.push(item);
        clients[from].emit('send_message', payload, (ack) => {
          if (!ack.ok) return;
          acked.set(payload.clientMessageId, ack);
          unsure.splice(unsure.indexOf(item), 1);
        });
        if (i % 4 === 3) await new Promise((done) => setTimeout(done, 1));
      }
    });
    await until(() => acked.size >= target, 'the load', 20_000);
    const told = receiver.all('new_message').map((d) => d.message);
    await server.kill();
    open += unsure.length;
    sending = false;
    await Promise.all(pumps);
    for (const client of clients) client.close();

    server = await startServer({ data });
    const found = new Map();
    for (const conversation of conversations) {
      const stored = await history(server, people[0], conversation);
      assert.deepEqual(stored.map((m) => m.seq), stored.map((_, i) => i + 1), `round ${round}: seq without gap`);
      for (const m of stored) {
        assert.ok(!found.has(m.client_message_id), `round ${round}: ${m.client_message_id} twice`);
        found.set(m.client_message_id, m);
      }
    }
    for (const [id, ack] of acked) {
      const m = found.get(id);
      assert.ok(m, `round ${round}: acknowledged ${id} is lost`);
      assert.equal(m.message_id, ack.messageId);
      assert.equal(m.seq, ack.seq);
    }
    for (const m of told) assert.equal(found.get(m.client_message_id)?.message_id, m.message_id, `round ${round}: delivered but lost`);
  }
  await server.stop();
  assert.ok(acked.size >= KILLS * LOAD);
  assert.ok(open > KILLS, `the kills came in the middle of it: ${open} messages without an answer`);
});
