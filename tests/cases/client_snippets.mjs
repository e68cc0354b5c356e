// The client snippets that every app of the platform was written from: their TypeScript runs as it is, with
// only the address, the token and the ids put in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { io } from 'socket.io-client';
import ts from 'typescript';
import { connect } from '../harness/client.mjs';
import { groupOf } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isMessage, keys } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 10 });
const snippet = (name) => readFileSync(new URL(`../snippets/${name}.ts`, import.meta.url), 'utf8');

/** Runs the snippets one behind the other and returns their socket and what they printed. */
function run(t, source, { transports } = {}) {
  const code = ts.transpileModule(source, { compilerOptions: { target: 'ES2022', module: 'ESNext' }, reportDiagnostics: true });
  assert.deepEqual(code.diagnostics, []);
  const printed = [];
  const fakeConsole = { log: (...args) => printed.push(args) };
  const client = transports ? (url, options) => io(url, { ...options, transports, forceNew: true }) : (url, options) => io(url, { ...options, forceNew: true });
  const socket = new Function('io', 'console', `${code.outputText}\nreturn socket;`)(client, fakeConsole);
  t.after(() => socket.disconnect());
  return { socket, printed };
}

function filledIn(estate, user, conversation) {
  return ['connect', 'estate_group', 'messaging']
    .map(snippet)
    .join('\n')
    .replaceAll('ws://localhost:3000', `ws://127.0.0.1:${server.port}`)
    .replaceAll('your-jwt-access-token', user.token)
    .replaceAll('estate-uuid', estate.id)
    .replaceAll('conversation-uuid', conversation);
}

for (const transports of [undefined, ['websocket'], ['polling']]) {
  test(`all snippets, ${transports ? `${transports} only` : 'default transports'}`, async (t) => {
    const estate = server.estate();
    const resident = await connect(t, server, estate.residents[0]);
    const group = await groupOf(server, estate.admin);
    const { socket, printed } = run(t, filledIn(estate, estate.admin, group), { transports });

    // What the snippet sends right after connecting arrives, in its order, at somebody else.
    const broadcast = await resident.next('estate_broadcast');
    const message = await resident.next('new_message');
    const typing = await resident.next('user_typing', (d) => d.isTyping);
    assert.equal(broadcast.message, 'Water maintenance scheduled for 2-4 PM');
    assert.equal(broadcast.type, 'maintenance');
    assert.equal(broadcast.from.userId, estate.admin.id);
    assert.equal(message.message.content, 'Hello everyone!');
    isMessage(message.message);
    assert.equal(message.conversationId, group);
    assert.equal(typing.conversationId, group);
    assert.equal(typing.userId, estate.admin.id);
    const order = resident.log.map((e) => e.event).filter((e) => ['estate_broadcast', 'new_message'].includes(e));
    assert.deepEqual(order, ['estate_broadcast', 'new_message']);

    // And what it listens to is printed.
    await until(() => printed.length >= 2, () => `both lines; got ${JSON.stringify(printed)}`);
    assert.deepEqual(printed.map((p) => p[0]).sort(), ['Estate announcement:', 'New message:']);
    const announcement = printed.find((p) => p[0] === 'Estate announcement:')[1];
    keys(announcement, ['message', 'type', 'from', 'timestamp', 'estateId', 'messageId', 'conversationId', 'seq']);
    assert.equal(printed.find((p) => p[0] === 'New message:')[1].message.sender_user_id, estate.admin.id);

    if (!transports) await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade to websocket');
    else assert.equal(socket.io.engine.transport.name, transports[0]);
  });
}

test('the default transports begin with polling and upgrade without losing anything', async (t) => {
  const estate = server.estate();
  const resident = await connect(t, server, estate.residents[0], { transports: ['websocket'] });
  const group = await groupOf(server, estate.residents[0]);
  const { socket } = run(t, snippet('connect').replaceAll('ws://localhost:3000', `ws://127.0.0.1:${server.port}`).replaceAll('your-jwt-access-token', estate.residents[1].token));
  const seen = [];
  socket.io.on('open', () => {
    seen.push(socket.io.engine.transport.name);
    socket.io.engine.on('upgrade', (transport) => seen.push(transport.name));
  });
  const got = [];
  socket.on('new_message', (d) => got.push(d.message.content));
  // Talk while the upgrade is under way.
  let sent = 0;
  await until(async () => {
    if (socket.connected) await resident.must('send_message', { conversationId: group, content: String(sent++) });
    return seen.includes('websocket') && sent >= 20;
  }, 'the upgrade');
  assert.deepEqual(seen, ['polling', 'websocket']);
  await until(() => got.includes(String(sent - 1)), 'the last message');
  const first = Number(got[0]);
  assert.deepEqual(got, Array.from({ length: sent - first }, (_, i) => String(first + i)));
});
