// libsio's chat example: rooms, who is in them, who types, what is said.
import assert from 'node:assert/strict';
import { client, joined } from '../harness/features.mjs';
import { example, launch } from '../harness/server.mjs';
import { soon, test, until } from '../harness/suite.mjs';

const server = await launch(example('chat'), ['0']);
const ok = (more = {}) => [{ ...more, ok: true }];
const no = (error) => [{ ok: false, error }];
let rooms = 0;
const room = () => `#room ${++rooms}`;
const member = (t, username, options) => joined(t, server, { auth: { username }, ...options });

test('a name is asked for', async (t) => {
  for (const auth of [undefined, {}, { username: '' }, { username: 7 }, { username: 'x'.repeat(63) }]) {
    const socket = client(t, server, { auth });
    await until(() => socket.errors.length, 'the refusal');
    assert.equal(socket.errors[0].message, 'auth.username is missing or too long');
  }
});

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']])
  test(`joining, saying, leaving, ${transports}`, async (t) => {
    const here = room();
    const ada = await member(t, 'Ada', { transports });
    const bob = await member(t, 'Bob "é😀"', { transports });
    const out = await member(t, 'Outsider', { transports });
    assert.deepEqual(await ada.ask('join', here), ok({ members: ['Ada'] }));
    const [{ members }] = await bob.ask('join', here);
    assert.deepEqual(members.sort(), ['Ada', 'Bob "é😀"']);
    assert.deepEqual(await ada.first('joined'), [here, 'Bob "é😀"']);
    assert.deepEqual(await bob.ask('say', here, 'hello\n"all"'), ok());
    assert.deepEqual(await ada.first('said'), [here, 'Bob "é😀"', 'hello\n"all"']);
    assert.deepEqual(await ada.ask('leave', here), ok());
    assert.deepEqual(await bob.first('left'), [here, 'Ada']);
    assert.deepEqual(await bob.ask('who', here), ok({ members: ['Bob "é😀"'] }));
    assert.deepEqual([bob.all('said'), out.got], [[], []], 'nobody hears himself, or a room that he is not in');
  });

test('typing is told', async (t) => {
  const here = room();
  const [ada, bob] = [await member(t, 'Ada'), await member(t, 'Bob')];
  await ada.ask('join', here);
  await bob.ask('join', here);
  assert.deepEqual(await bob.ask('typing', here, true), ok());
  assert.deepEqual(await ada.first('typing'), [here, 'Bob', true]);
  assert.deepEqual(await bob.ask('typing', here, 'yes'), no('true or false, please'));
});

test('who goes leaves every room', async (t) => {
  const [one, two] = [room(), room()];
  const [ada, bob] = [await member(t, 'Ada'), await member(t, 'Bob')];
  for (const here of [one, two]) for (const who of [ada, bob]) await who.ask('join', here);
  bob.disconnect();
  await until(() => ada.all('left').length === 2, 'both');
  assert.deepEqual(ada.all('left').sort(), [[one, 'Bob'], [two, 'Bob']].sort());
  assert.deepEqual(await ada.ask('who', two), ok({ members: ['Ada'] }));
});

test('joining twice is joining once', async (t) => {
  const here = room();
  const [ada, bob] = [await member(t, 'Ada'), await member(t, 'Bob')];
  await ada.ask('join', here);
  await bob.ask('join', here);
  await bob.ask('join', here);
  await bob.ask('say', here, 'once');
  await ada.first('said');
  assert.equal(ada.all('joined').length, 1);
});

test('what makes no sense is refused, and the socket stays', async (t) => {
  const here = room();
  const ada = await member(t, 'Ada');
  const bob = await member(t, 'Bob');
  for (const name of [undefined, 7, '', 'lobby', bob.id, '#\0', `#${'x'.repeat(80)}`]) assert.deepEqual(await ada.ask('join', name), no('there is no such room'));
  for (const event of ['leave', 'say', 'typing', 'who']) assert.deepEqual(await ada.ask(event, here, 'x'), no('you are not in this room'));
  assert.deepEqual(await ada.ask('dance', here), no('there is no such event'));
  await ada.ask('join', here);
  assert.deepEqual(await ada.ask('say', here), no('there is no text'));
  assert.deepEqual(await ada.ask('say', here, ['x']), no('there is no text'));
  assert.deepEqual(await ada.ask('say', here, 'x'.repeat(5000)), no('the text is too long'));
  for (let i = 0; i < 15; i++) assert.equal((await ada.ask('join', room()))[0].ok, true);
  assert.deepEqual(await ada.ask('join', room()), no('you are in too many rooms'));
  await ada.ask('leave', here);
  assert.equal((await ada.ask('join', room()))[0].ok, true);
  assert.deepEqual(ada.left, []);
});

test('a thousand come and go', { alone: true }, async (t) => {
  const here = room();
  const ada = await member(t, 'Ada');
  await ada.ask('join', here);
  const { io } = await member(t, 'Bob');
  for (let i = 0; i < 1000; i++) {
    const socket = io.socket('/', { auth: { username: `B${i}` } });
    socket.connect();
    await soon(new Promise((done) => socket.emit('join', here, done)), 'the ack');
    socket.disconnect();
  }
  await until(() => ada.all('left').length === 1000, 'the last to leave');
  assert.deepEqual(await ada.ask('who', here), ok({ members: ['Ada'] }));
});
