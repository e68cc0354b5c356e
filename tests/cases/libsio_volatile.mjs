// libsio: volatile emits: what a receiver cannot take this instant it never gets, and that is counted.
import assert from 'node:assert/strict';
import { joined, startFeatures, stats } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { rawWebSocket, tcp } from '../harness/raw.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startFeatures();
const emit = (rooms, more) => ({ op: 'emit', rooms, event: 'n', volatile: true, ...more });
const numbers = (packets) => packets.filter((p) => p.startsWith('42["n"')).map((p) => JSON.parse(p.slice(2))[1]);

/** Dropped packets since; "alone" tests only. */
async function counter() {
  const { dropped } = await stats(server);
  return async () => (await stats(server)).dropped - dropped;
}

/** A polling client that is no official one: it has a request waiting only when the test says so. */
async function poller(t) {
  const poll = await polling(t, server);
  await poll.post('40');
  poll.id = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2)).sid;
  poll.packets = [];
  return poll;
}

/** Asks, and returns once the request has surely reached the session's loop. */
async function asking(t, poll) {
  const connection = tcp(t, server);
  connection.write(`GET /socket.io/?${poll.query} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await sleep(100);
  return connection;
}

for (const thread of [false, true]) {
  const from = thread ? 'from another thread' : 'from a loop';

  test(`the first of a burst passes, ${from}`, { alone: true }, async (t) => {
    const helper = await joined(t, server);
    const sockets = await Promise.all([1, 2, 3, 4].map(() => joined(t, server)));
    await Promise.all(sockets.map((s) => s.ask('join', 'burst')));
    const dropped = await counter();
    for (let i = 1; i <= 3; i++) {
      await Promise.all(sockets.map((s) => s.ask('echo', 'all has left'))); // a volatile event waits for nothing that has not
      await helper.ask('orders', [emit(['burst'], { times: 50 })], thread);
      await Promise.all(sockets.map((s) => until(() => s.all('n').filter(([n]) => n === 0).length === i, 'the first one')));
    }
    await sleep(100);
    // From elsewhere a burst may take more than one turn to arrive; nobody gets all of it.
    for (const s of sockets) assert.ok(s.all('n').length < 75, `${s.all('n').length} of 150`);
    assert.equal(await dropped(), 4 * 150 - sockets.reduce((sum, s) => sum + s.all('n').length, 0));
    for (const s of sockets) assert.deepEqual(await s.ask('echo', 'fine'), ['fine']);
  });
}

test('to one socket: the first passes, the rest of the turn is dropped', { alone: true }, async (t) => {
  const socket = await joined(t, server);
  const dropped = await counter();
  await socket.ask('orders', [{ op: 'emitSelf', event: 'n', volatile: true, times: 20 }]);
  assert.deepEqual(socket.all('n'), [[0]]);
  assert.equal(await dropped(), 19);
});

test('behind an ordinary packet of the same turn it is dropped', { alone: true }, async (t) => {
  const socket = await joined(t, server);
  const dropped = await counter();
  await socket.ask('orders', [{ op: 'emitSelf', event: 'must' }, { op: 'emitSelf', event: 'n', volatile: true }, { op: 'emitSelf', event: 'must' }]);
  assert.deepEqual([socket.all('must').length, socket.all('n').length], [2, 0]);
  assert.equal(await dropped(), 1);
});

test('with attachments it passes whole', async (t) => {
  const socket = await joined(t, server);
  await socket.ask('orders', [{ op: 'emitSelf', event: 'n', volatile: true, binary: true, size: 1000, times: 2 }]);
  assert.deepEqual(socket.all('n').map(([i, large, small]) => [i, large.length, small.toString()]), [[0, 1000, 'small']]);
});

test('who does not read gets nothing volatile, and is not closed', { alone: true }, async (t) => {
  const helper = await joined(t, server);
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  const { sid } = JSON.parse((await ws.next((x) => x.startsWith('40{'))).slice(2));
  ws.socket.pause();
  const dropped = await counter();
  let sent = 0;
  while ((await dropped()) < 20 && sent++ < 500) await helper.ask('orders', [emit([sid], { size: 1_000_000 })]);
  assert.ok((await dropped()) >= 20);
  ws.socket.resume();
  await until(async () => (await helper.ask('orders', [emit([sid], { args: ['again'] })])) && ws.texts.includes('42["n",0,"again"]'), 'one when it reads again');
});

test('a polling client gets one a waiting request, and none without', { alone: true }, async (t) => {
  const helper = await joined(t, server);
  const poll = await poller(t);
  const dropped = await counter();
  await helper.ask('orders', [emit([poll.id], { times: 3 })]);
  await until(async () => (await dropped()) === 3, 'nothing to wait for the next request');
  const request = await asking(t, poll);
  await helper.ask('orders', [emit([poll.id], { times: 3, args: ['in time'] })]);
  await until(() => request.text.includes('in time'), 'the answer');
  assert.deepEqual(numbers(request.text.split('\r\n\r\n')[1].split('\x1e')), [0]);
  await helper.ask('orders', [{ op: 'emit', rooms: [poll.id], event: 'n', args: ['must'] }, emit([poll.id])]);
  assert.deepEqual(await poll.poll(), ['42["n",0,"must"]']);
});
