// libsio: asking many sockets at once, and listing them, on four loops and from a thread that is no loop.
import assert from 'node:assert/strict';
import { client, joined, startFeatures, stats, transports } from '../harness/features.mjs';
import { TEXT, frame, rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until, within } from '../harness/suite.mjs';

const server = await startFeatures();
let names = 0;

/** Sockets in a room of their own who answer with their number, and one who asks. */
async function crowd(t, n, { on = server, namespace, answer = (i) => i } = {}) {
  const room = `crowd ${++names}`;
  const sockets = await Promise.all(Array.from({ length: n }, (_, i) => joined(t, on, { namespace, transports: transports[i % 3], auth: { rooms: [room] } })));
  if (!namespace) await Promise.all(sockets.map((s) => s.ask('join', room)));
  sockets.forEach((s, i) => s.on('asked', (...args) => args.pop()(answer(i, ...args))));
  const asker = await joined(t, on);
  let tags = 0;
  /** [{receivers, omitted, timedOut}, {id: answer}] of one order. */
  asker.question = async (order, thread = false) => {
    const tag = `${room} ${++tags}`;
    asker.emit('orders', [{ rooms: [room], tag, ...order }], thread);
    const [, head, list] = await asker.first(order.op === 'fetch' ? 'sockets' : 'answers', (x) => x === tag);
    assert.equal(new Set(list.map(([id]) => id)).size, list.length, 'each once');
    await asker.ask('echo');
    assert.equal([...asker.all('answers'), ...asker.all('sockets')].filter(([x]) => x === tag).length, 1, 'told once');
    return [head, Object.fromEntries(list)];
  };
  return { sockets, asker, room };
}

const whole = (n) => ({ receivers: n, omitted: 0, timedOut: false });
const numbered = (sockets) => Object.fromEntries(sockets.map((s, i) => [s.id, [i]]));

for (const thread of [false, true]) {
  const from = thread ? 'from another thread' : 'from a loop';

  test(`everybody's answer, ${from}`, async (t) => {
    const { sockets, asker } = await crowd(t, 12);
    for (let i = 0; i < 3; i++) assert.deepEqual(await asker.question({ op: 'ask' }, thread), [whole(12), numbered(sockets)]);
  });

  test(`but for those who are excepted, ${from}`, async (t) => {
    const { sockets, asker } = await crowd(t, 9);
    const not = `not ${sockets[0].id}`;
    await Promise.all(sockets.slice(0, 3).map((s) => s.ask('join', not)));
    const order = { op: 'ask', except: [not, sockets[5].id] };
    const [head, answers] = await asker.question(order, thread);
    assert.deepEqual(head, whole(5));
    assert.deepEqual(Object.keys(answers).sort(), sockets.filter((_, i) => i > 2 && i !== 5).map((s) => s.id).sort());
  });

  test(`one socket by its id, with binary, ${from}`, async (t) => {
    const { sockets, asker } = await crowd(t, 4, { answer: (i, data) => ({ i, back: data }) });
    const [head, answers] = await asker.question({ op: 'ask', rooms: [sockets[2].id], binary: true }, thread);
    assert.deepEqual(head, whole(1));
    assert.equal(answers[sockets[2].id][0].i, 2);
    assert.equal(String(answers[sockets[2].id][0].back), 'bytes');
  });

  test(`nobody is asked, ${from}`, async (t) => {
    const { asker } = await crowd(t, 0);
    assert.deepEqual(await asker.question({ op: 'ask' }, thread), [whole(0), {}]);
    assert.deepEqual(await asker.question({ op: 'fetch' }, thread), [0, {}]);
  });

  test(`who does not answer in time, ${from}`, async (t) => {
    const { sockets, asker } = await crowd(t, 6);
    for (const s of sockets.slice(0, 2)) s.removeAllListeners('asked');
    let late;
    sockets[0].on('asked', (...args) => (late = args.pop()));
    const [head, answers] = await asker.question({ op: 'ask', timeout: within(2000) }, thread);
    assert.deepEqual(head, { receivers: 6, omitted: 0, timedOut: true });
    assert.deepEqual(Object.keys(answers).sort(), sockets.slice(2).map((s) => s.id).sort());
    late('too late');
    assert.deepEqual((await sockets[0].ask('echo', 'fine')), ['fine']);
  });

  test(`who leaves meanwhile is not waited for, ${from}`, async (t) => {
    const { sockets, asker } = await crowd(t, 5);
    for (const [i, s] of sockets.slice(0, 3).entries()) {
      s.removeAllListeners('asked');
      s.on('asked', () => [() => s.disconnect(), () => s.io.engine.close(), () => s.emit('disconnect-me', false)][i]());
    }
    const ids = sockets.map((s) => s.id);
    const [head, answers] = await asker.question({ op: 'ask', timeout: 50_000 }, thread);
    assert.deepEqual(head, whole(5));
    assert.deepEqual(Object.keys(answers).sort(), ids.slice(3).sort());
  });

  test(`in a namespace made on demand, ${from}`, async (t) => {
    const namespace = `/room-${++names}`;
    const { sockets, asker } = await crowd(t, 6, { namespace });
    assert.deepEqual(await asker.question({ op: 'ask', ns: namespace, rooms: [] }, thread), [whole(6), numbered(sockets)]);
    const [omitted, listed] = await asker.question({ op: 'fetch', ns: namespace, rooms: [] }, thread);
    assert.deepEqual([omitted, Object.keys(listed).sort()], [0, sockets.map((s) => s.id).sort()]);
  });

  test(`the list of sockets and their rooms, ${from}`, async (t) => {
    const { sockets, asker, room } = await crowd(t, 8);
    await sockets[3].ask('join', 'second room');
    const expected = (list) => Object.fromEntries(list.map((s) => [s.id, s === sockets[3] ? [room, 'second room'] : [room]]));
    assert.deepEqual(await asker.question({ op: 'fetch' }, thread), [0, expected(sockets)]);
    assert.deepEqual(await asker.question({ op: 'fetch', rooms: [sockets[3].id, sockets[4].id] }, thread), [0, expected(sockets.slice(3, 5))]);
    assert.deepEqual(await asker.question({ op: 'fetch', except: [sockets[3].id, 'second room'] }, thread), [0, expected(sockets.filter((_, i) => i !== 3))]);
  });
}

test('what is collected is limited, and what is left out is counted', async (t) => {
  const small = await startFeatures({ 'max-gathered': 20_000 });
  const { asker } = await crowd(t, 10, { on: small, answer: () => 'x'.repeat(5000) });
  const [head, answers] = await asker.question({ op: 'ask' });
  assert.deepEqual(head, { receivers: 10, omitted: 7, timedOut: false });
  assert.equal(Object.keys(answers).length, 3);
  const many = await crowd(t, 4, { on: small });
  await Promise.all(many.sockets.map((s) => s.ask('join', ...Array.from({ length: 300 }, (_, i) => `room ${i}`))));
  const [omitted, listed] = await many.asker.question({ op: 'fetch' });
  assert.equal(omitted + Object.keys(listed).length, 4);
  assert.ok(omitted >= 1);
});

test('ids count for each namespace from 0; others cannot answer', async (t) => {
  const one = await startFeatures();
  const open = async () => {
    const ws = rawWebSocket(t, one);
    await ws.next((x) => x.startsWith('0{'));
    ws.send('40');
    ws.id = JSON.parse((await ws.next((x) => x.startsWith('40{'))).slice(2)).sid;
    ws.send('40/other,');
    await ws.next((x) => x.startsWith('40/other,'));
    return ws;
  };
  const [a, b] = [await open(), await open()];
  const asker = await joined(t, one);
  asker.emit('orders', [{ op: 'ask', rooms: [a.id], tag: 1 }, { op: 'ask', rooms: [a.id, b.id], tag: 2 }, { op: 'ask', ns: '/other', tag: 3 }]);
  await Promise.all([a.next('420["asked"]'), a.next('421["asked"]'), b.next('421["asked"]'), a.next('42/other,0["asked"]'), b.next('42/other,0["asked"]')]);
  assert.ok(!b.texts.includes('420["asked"]'));
  for (const text of ['430["foreign"]', '439["unknown"]', '43/other,1["elsewhere"]', '431["b"]', '431["again"]', '43/other,0["other"]']) b.send(text);
  b.send('42["echo","seen"]');
  await b.next('42["echo","seen"]');
  assert.equal(asker.all('answers').length, 0);
  for (const text of ['431["a"]', '430["first"]', '43/other,0[]', '430["again"]']) a.send(text);
  for (const tag of [1, 2, 3]) await asker.first('answers', (x) => x === tag);
  const answers = Object.fromEntries(asker.all('answers').map(([tag, , list]) => [tag, list.map(([, [x]]) => x ?? null).sort()]));
  assert.deepEqual(answers, { 1: ['first'], 2: ['a', 'b'], 3: [null, 'other'] });
  await sleep(50);
  assert.equal(asker.all('answers').length, 3);
});

test('with recovery: what expects an answer carries no offset', async (t) => {
  const one = await startFeatures({ recovery: 60_000 });
  const { sockets, asker } = await crowd(t, 4, { on: one, answer: (i, ...args) => args });
  const [head, answers] = await asker.question({ op: 'ask', args: [1, 'two'] });
  assert.deepEqual(head, whole(4));
  assert.deepEqual(answers, Object.fromEntries(sockets.map((s) => [s.id, [[1, 'two']]])));
  sockets[0].on('question', (...args) => args.pop()(...args));
  sockets[0].emit('ask', 5000, 'x');
  assert.deepEqual((await sockets[0].first('answered')).slice(0, 2), [5000, 'x']);
});

test('who comes and goes while many are asked', { alone: true }, async (t) => {
  const { sockets, asker, room } = await crowd(t, 9);
  let busy = true;
  const churn = Array.from({ length: 6 }, async () => {
    while (busy) {
      const s = client(null, server, { reconnection: false });
      s.on('asked', (done) => done('guest'));
      await s.in();
      await s.ask('join', room);
      s.disconnect();
    }
  });
  for (let i = 0; i < 40; i++) {
    const [head, answers] = await asker.question({ op: 'ask' }, i % 2 === 0);
    assert.equal(head.timedOut, false);
    for (const [n, s] of sockets.entries()) assert.deepEqual(answers[s.id], [n]);
    const [, listed] = await asker.question({ op: 'fetch' }, i % 2 === 1);
    for (const s of sockets) assert.deepEqual(listed[s.id], [room]);
  }
  busy = false;
  await Promise.all(churn);
});

test('a stopping server tells what it has', async (t) => {
  const one = await startFeatures();
  const { sockets, asker } = await crowd(t, 6, { on: one });
  for (const s of sockets) s.removeAllListeners('asked');
  asker.emit('orders', [{ op: 'ask', tag: 'open', timeout: 60_000 }]);
  await until(() => sockets.every((s) => s.all('asked').length), 'the question');
  assert.equal((await one.stop()).code, 0);
});

test('answers that nobody waits for cost as little as others', { alone: true }, async (t) => {
  const open = 10_000, stray = 150_000;
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  await ws.next((x) => x.startsWith('40'));
  ws.write(Buffer.concat(Array(open).fill(frame(TEXT, '42["ask",60000]'))));
  await until(() => ws.texts.filter((x) => x.includes('"question"')).length === open, 'the questions', 20_000);
  ws.write(Buffer.concat(Array(stray).fill(frame(TEXT, '43999999999[1]'))));
  ws.send('421["who"]');
  await ws.next((x) => x.startsWith('431['), 4000); // one look at each open question takes longer
});

test('answers are no events', { alone: true }, async (t) => {
  const { asker } = await crowd(t, 3);
  const before = (await stats(server)).eventsIn;
  await asker.question({ op: 'ask' });
  assert.equal((await stats(server)).eventsIn - before, 2, 'the orders and the echo');
});
