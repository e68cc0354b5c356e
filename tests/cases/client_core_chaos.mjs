// Several clients, lines that break at any moment, pages that are closed and opened again: all end with the same history.
import assert from 'node:assert/strict';
import { cut, is, makeClient, Storage, watchThread } from '../harness/client_core.mjs';
import { Cuts } from '../harness/cuts.mjs';
import { random } from '../harness/random.mjs';
import { groupOf, history, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { sleep, slowness, test, until } from '../harness/suite.mjs';

const seed = Number(process.env.VAULTIFY_TEST_SEED || Date.now() % 1_000_000);
const ACTIONS = slowness > 1 ? 40 : 120; // of each person

/** A person with a device: its page may be closed and opened again over the same storage. */
class Device {
  threads = [];
  storage = new Storage();
  opened = 0;

  constructor(t, server, user, ids) {
    Object.assign(this, { t, server, user, ids });
    this.open();
  }

  open() {
    this.opened++;
    this.client = makeClient(this.t, this.server, this.user, { storage: this.storage });
    this.threads = this.ids.map((id) => watchThread(this.t, this.client, id));
    this.client.connect();
  }

  reload() {
    this.client.close();
    this.open();
  }
}

test(`seed ${seed}`, { limitMs: 140_000 }, async (t) => {
  const server = await startServer({ estates: 1, residents: 4, threads: 3 });
  const estate = server.estate();
  const [a, b, c, d] = estate.residents;
  const ids = [await groupOf(server, a), await makeGroup(server, a, [b, c, d]), await makeDirect(server, a, b)];
  const lines = await Cuts.open(t, server);
  const people = [a, a, b, c, d]; // the first with two devices
  const devices = people.map((user) => new Device(t, lines, user, user === a || user === b ? ids : ids.slice(0, 2)));
  const sent = new Map(ids.map((id) => [id, []]));
  let counter = 0;

  const acts = [
    [0.6, (device, roll) => {
      const id = device.ids[Math.floor(roll() * device.ids.length)];
      const content = `${device.user.first} ${counter++}`;
      device.client.send(id, { content });
      sent.get(id).push(content);
    }],
    [0.7, (device, roll) => device.client.markRead(device.ids[Math.floor(roll() * device.ids.length)])],
    [0.8, (device, roll) => device.client.setTyping(device.ids[0], roll() < 0.7)],
    [0.88, (device) => cut(device.client)],
    [0.92, (device) => device.reload()],
    [0.96, (device) => void device.client.loadOlder(device.ids[0])],
    [1, (_, roll) => lines.cut({ keepFar: roll() < 0.3 })],
  ];

  await Promise.all(
    devices.map(async (device, i) => {
      const roll = random(seed + i);
      for (let k = 0; k < ACTIONS; k++) {
        const what = roll();
        acts.find(([below]) => what < below)[1](device, roll);
        await sleep(roll() * 30);
      }
    }),
  );

  for (const device of devices) await is(device.client, 'online');
  const said = (id) => sent.get(id).length;
  const stored = new Map();
  for (const id of ids) {
    await until(async () => (await history(server, a, id)).length >= said(id), () => `${said(id)} messages in ${id}`, 40_000);
    stored.set(id, await history(server, a, id));
    assert.deepEqual(stored.get(id).map((m) => m.content).sort(), [...sent.get(id)].sort(), 'each exactly once');
  }
  for (const device of devices) {
    for (const [i, id] of device.ids.entries()) {
      const thread = device.threads[i];
      const wanted = stored.get(id).map((m) => m.message_id);
      await thread.until(({ messages }) => messages.at(-1)?.id === wanted.at(-1) && messages.every((m) => m.seq !== null), 'the last message');
      while (thread.get().hasOlder) await device.client.loadOlder(id);
      assert.deepEqual(thread.messages.map((m) => m.id), wanted);
      thread.check();
    }
    assert.equal(device.storage.length, 0, 'nothing waits any more');
  }
  // Everybody has as much unread as the server says, once it has heard what was read.
  for (const { client, ids } of devices) await until(() => !ids.some((id) => client.reads.waits(id)), 'what was read to be told', 20_000);
  for (const { client, user } of devices) {
    const { data } = await rest(server, user, 'GET', '/messaging/conversations');
    const there = data.map((row) => row.unread_count);
    const here = () => data.map((row) => client.unread.get().byConversation.get(row.conversation_id) ?? 0);
    await until(() => here().join() === there.join(), () => `unread at the server and here: ${there}; ${here()}`, 20_000);
  }
});
