// The command line: every form of it, while a server runs on the data and while none does.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { certificate } from '../harness/certificate.mjs';
import { connect, Client } from '../harness/client.mjs';
import { estateRecord, estateRecords, importText, makeEstate, makeUser, userRecord, uuid } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { history, request, rest } from '../harness/rest.mjs';
import { binary, command, importRecords, launch, SECRET, startServer, temporaryFolder, writeTemporary } from '../harness/server.mjs';
import { skip, test, until } from '../harness/suite.mjs';

const ws = { transports: ['websocket'] };
const serve = (t, options) =>
  startServer(options).then((server) => {
    t.after(() => server.stop());
    return server;
  });
const bearer = (user) => ({ ...user, token: signToken(SECRET, { sub: user.id }) });

function failed(result, code, label) {
  assert.equal(result.code, code, `${label}: ${result.stdout}${result.stderr}`);
  assert.equal(result.stdout, '', `${label}: nothing on standard output`);
  assert.ok(result.stderr.trim().length > 0, `${label}: a word on standard error`);
}

test('version and help', async () => {
  const version = await command(['version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /\d+\.\d+\.\d+/);
  const help = await command(['help']);
  assert.equal(help.code, 0);
  for (const word of ['serve', 'estate add', 'user add', 'import', 'token', '--port', '--data', 'JWT_SECRET', 'CORS_ORIGIN']) assert.ok(help.stdout.includes(word), word);
});

test('wrong usage is 2', async () => {
  const data = temporaryFolder();
  for (const args of [
    [],
    ['nonsense'],
    ['serve', '--nonsense'],
    ['serve', '--port'],
    ['serve', '--port', 'x'],
    ['serve', '--port', '70000'],
    ['serve', '--threads', '-1'],
    ['estate'],
    ['estate', 'remove'],
    ['estate', 'add', '--data', data],
    ['estate', 'add', '--id', uuid(), '--data', data],
    ['estate', 'add', '--id', 'x', '--name', 'N', '--data', data],
    ['user', 'add', '--id', uuid(), '--data', data],
    ['user', 'add', '--id', uuid(), '--email', 'e@x', '--first-name', 'F', '--last-name', 'L', '--role', 'King', '--estate', uuid(), '--data', data],
    ['import', '--data', data],
    ['token', '--data', data],
    ['token', '--user', 'x', '--data', data],
    ['token', '--user', uuid(), '--expires', 'soon', '--data', data],
  ]) {
    failed(await command(args), 2, args.join(' '));
  }
  assert.deepEqual(readdirSync(data), [], 'wrong usage touches nothing');
});

for (const running of [false, true]) {
  test(`estate add, user add, token: ${running ? 'while the server runs' : 'without a server'}`, async (t) => {
    const data = temporaryFolder();
    let server = running ? await serve(t, { data }) : null;
    const estate = { id: uuid(), name: 'Palm "Court" ü' };
    const say = (...args) => command([...args, '--data', data]);
    assert.equal((await say('estate', 'add', '--id', estate.id, '--name', estate.name)).code, 0);
    const people = [];
    for (const [role, status] of [['Admin'], ['Security Personnel', 'active'], ['Super Admin'], ['Residence'], ['Residence', 'suspended']]) {
      const user = { id: uuid(), email: `${uuid()}@example.org`, role, status, estateId: estate.id };
      const args = ['user', 'add', '--id', user.id, '--email', user.email, '--first-name', 'Ada', '--last-name', "O'Neill", '--role', role, '--estate', estate.id];
      if (status) args.push('--status', status);
      const added = await say(...args);
      assert.equal(added.code, 0, added.stderr);
      people.push(user);
    }
    for (const user of people.slice(0, 4)) {
      const token = await say('token', '--user', user.id);
      assert.equal(token.code, 0, token.stderr);
      assert.match(token.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/, 'the token and nothing else');
      user.token = token.stdout.trim();
      const claims = JSON.parse(Buffer.from(user.token.split('.')[1], 'base64url'));
      assert.equal(claims.sub, user.id);
      assert.ok(Math.abs(claims.exp - Date.now() / 1000 - 15 * 60) < 60, '15 minutes by default');
    }
    const long = await say('token', '--user', people[0].id, '--expires', '2h');
    assert.ok(Math.abs(JSON.parse(Buffer.from(long.stdout.split('.')[1], 'base64url')).exp - Date.now() / 1000 - 7200) < 60);
    failed(await say('token', '--user', uuid()), 1, 'token of nobody');
    failed(await say('user', 'add', '--id', uuid(), '--email', 'x@example.org', '--first-name', 'A', '--last-name', 'B', '--role', 'Admin', '--estate', uuid()), 1, 'user of no estate');
    failed(await say('user', 'add', '--id', uuid(), '--email', people[0].email, '--first-name', 'A', '--last-name', 'B', '--role', 'Admin', '--estate', estate.id), 1, 'e-mail taken');
    failed(await say('import', '/nonexistent/file'), 1, 'no such file');
    server ??= await serve(t, { data });
    for (const user of people.slice(0, 4)) await connect(t, server, user, ws);
    const refused = new Client(server, people[4], { ...ws, token: signToken(SECRET, { sub: people[4].id }) });
    t.after(() => refused.close());
    assert.equal((await refused.refusal()).data.code, 'user_inactive');
    const group = await rest(server, people[0], 'GET', `/messaging/estate/${estate.id}/group`);
    assert.deepEqual(group.participants.map((p) => p.user_id).sort(), people.slice(0, 4).map((p) => p.id).sort());
    assert.ok(group.title.includes('Palm'));
  });
}

test('without JWT_SECRET: server and token still understand each other, and again after a restart', async (t) => {
  const data = temporaryFolder();
  const env = { JWT_SECRET: null };
  const estate = makeEstate();
  assert.equal((await importRecords(data, estateRecords([estate]), { env })).code, 0);
  const before = (await command(['token', '--user', estate.admin.id, '--data', data], { env })).stdout.trim();
  const server = await serve(t, { data, env });
  const during = (await command(['token', '--user', estate.admin.id, '--data', data], { env })).stdout.trim();
  for (const token of [before, during]) await connect(t, server, { ...estate.admin, token }, ws);
  await server.stop();
  const again = await serve(t, { data, env });
  await connect(t, again, { ...estate.admin, token: during }, ws);
  const wrong = new Client(again, bearer(estate.admin), ws);
  t.after(() => wrong.close());
  assert.equal((await wrong.refusal()).data.code, 'token_invalid');
});

test('production needs a secret of 32 bytes, and makes no demo data', async (t) => {
  const data = temporaryFolder();
  const start = (env) => command(['serve', '--port', '0', '--data', data], { env: { VAULTIFY_ENV: 'production', ...env } });
  failed(await start({ JWT_SECRET: null }), 1, 'no secret');
  failed(await start({ JWT_SECRET: '' }), 1, 'empty secret');
  failed(await start({ JWT_SECRET: 'x'.repeat(31) }), 1, 'short secret');
  const server = await serve(t, { data, env: { VAULTIFY_ENV: 'production', JWT_SECRET: 'x'.repeat(32) } });
  assert.equal((await request(server, 'GET', '/health/ready')).status, 200);
  const token = signToken('x'.repeat(32), { sub: uuid() });
  assert.equal((await request(server, 'GET', '/messaging/conversations', { token })).json.code, 'user_unknown');
  await server.stop();
  const demo = await command(['serve', '--demo', '--port', '0', '--data', data], { env: { VAULTIFY_ENV: 'production', JWT_SECRET: 'x'.repeat(32) } });
  assert.ok([1, 2].includes(demo.code), `--demo in production: ${demo.code}`);
});

test('--demo: an estate of eight, another of two, a ready token for each, and kept over a restart', async (t) => {
  const data = temporaryFolder();
  const tokens = async (server) => {
    await until(() => (server.output.stdout.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) || []).length >= 10, () => `ten tokens: ${server.output.stdout}`);
    return [...new Set(server.output.stdout.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g))];
  };
  const server = await serve(t, { data, args: ['--demo'], env: { JWT_SECRET: null } });
  const list = await tokens(server);
  assert.equal(list.length, 10);
  const users = list.map((token) => ({ token, id: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub }));
  assert.equal(new Set(users.map((u) => u.id)).size, 10);
  const clients = await Promise.all(users.map((u) => connect(t, server, u, ws)));
  const groups = await Promise.all(users.map(async (u) => (await rest(server, u, 'GET', '/messaging/conversations')).data[0]));
  const sizes = new Map();
  for (const g of groups) sizes.set(g.conversation_id, (sizes.get(g.conversation_id) ?? 0) + 1);
  assert.deepEqual([...sizes.values()].sort(), [2, 8]);
  const roles = (await Promise.all(groups.map((g, i) => rest(server, users[i], 'GET', `/messaging/estate/${g.estate_id}/online-users`)))).find((o) => o.length === 8).map((u) => u.role).sort();
  assert.deepEqual(roles, ['Admin', ...Array(6).fill('Residence'), 'Security Personnel']);
  await clients[0].must('send_message', { conversationId: groups[0].conversation_id, content: 'kept' });
  for (const c of clients) c.close();
  await server.stop();
  const again = await serve(t, { data, args: ['--demo'], env: { JWT_SECRET: null } });
  const second = (await tokens(again)).map((token) => ({ token, id: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub }));
  assert.deepEqual(second.map((u) => u.id).sort(), users.map((u) => u.id).sort());
  const user = second.find((u) => u.id === users[0].id);
  assert.equal((await history(again, user, groups[0].conversation_id)).at(-1).content, 'kept');
});

test('environment variables instead of flags', async (t) => {
  const data = temporaryFolder();
  const server = await launch(binary, ['serve'], { env: { PORT: '0', VAULTIFY_HOST: '127.0.0.1', VAULTIFY_DATA: data, VAULTIFY_THREADS: '1' }, data });
  t.after(() => server.stop());
  assert.equal((await request(server, 'GET', '/health/live')).status, 200);
  assert.match(server.firstLine, /listening on http:\/\/127\.0\.0\.1:\d+/);
  assert.ok(readdirSync(data).length > 0);
});

test('two servers on one folder, or one port: the second says why it cannot', async (t) => {
  const server = await serve(t, {});
  failed(await command(['serve', '--port', '0', '--data', server.data]), 1, 'the same data');
  failed(await command(['serve', '--port', String(server.port), '--host', '127.0.0.1', '--data', temporaryFolder()]), 1, 'the same port');
  assert.equal((await request(server, 'GET', '/health/ready')).status, 200);
});

test('a data folder that cannot be', async () => {
  const file = writeTemporary('x', 'file');
  failed(await command(['serve', '--port', '0', '--data', join(file, 'below')]), 1, 'below a file');
  const data = temporaryFolder();
  mkdirSync(join(data, 'deep'), { recursive: true });
  const made = await importRecords(join(data, 'deep', 'er'), [estateRecord(makeEstate())]);
  assert.ok([0, 1].includes(made.code));
  if (made.code === 0) assert.equal(statSync(join(data, 'deep', 'er')).mode & 0o077, 0, 'nobody else may read it');
});

for (const running of [false, true]) {
  test(`import is all or nothing, and repeatable: ${running ? 'while the server runs' : 'without a server'}`, async (t) => {
    const data = temporaryFolder();
    const early = running ? await serve(t, { data }) : null;
    const good = makeEstate();
    const bad = makeEstate();
    const lines = importText([bad]).split('\n').filter(Boolean);
    const wrong = [
      'nonsense',
      '{"user":{"user_id":"x"}}',
      '{"planet":{}}',
      '{}',
      '[]',
      JSON.stringify(userRecord(makeUser(uuid(), 'Residence'))),
      JSON.stringify(userRecord(makeUser(bad.id, 'King'))),
      JSON.stringify(userRecord({ ...makeUser(bad.id, 'Residence'), email: bad.admin.email })),
      JSON.stringify({ conversation: { conversation_id: uuid(), estate_id: bad.id, type: 'group', title: 'x', participants: [{ user_id: uuid() }] } }),
    ];
    for (const line of wrong) {
      const file = writeTemporary([...lines, line].join('\n') + '\n');
      const result = await command(['import', file, '--data', data]);
      failed(result, 1, line);
      assert.ok(result.stderr.includes(String(lines.length + 1)), `the line is named: ${result.stderr}`);
    }
    const conversation = {
      conversation: {
        conversation_id: uuid(),
        estate_id: good.id,
        created_by_user_id: good.admin.id,
        type: 'group',
        title: 'Imported',
        metadata: { from: 'before' },
        participants: [{ user_id: good.admin.id, is_admin: true }, { user_id: good.residents[0].id }],
      },
    };
    const records = [...estateRecords([good]), conversation];
    for (let i = 0; i < 2; i++) {
      const done = await importRecords(data, records);
      assert.equal(done.code, 0, done.stderr);
    }
    const server = early ?? (await serve(t, { data }));
    const resident = bearer(good.residents[0]);
    const one = await rest(server, resident, 'GET', `/messaging/conversations/${conversation.conversation.conversation_id}`);
    assert.equal(one.title, 'Imported');
    assert.deepEqual(one.metadata, { from: 'before' });
    assert.deepEqual(one.participants.map((p) => [p.user_id, p.is_admin]).sort(), [[good.admin.id, true], [good.residents[0].id, false]].sort());
    assert.equal((await request(server, 'GET', '/messaging/conversations', { token: signToken(SECRET, { sub: bad.admin.id }) })).json.code, 'user_unknown', 'nothing of the refused files is there');
    // A repeat after things were written changes nothing of them.
    const sent = await rest(server, resident, 'POST', `/messaging/conversations/${one.conversation_id}/messages`, { status: 201, body: { content: 'mine', type: 'text' } });
    assert.equal((await importRecords(data, records)).code, 0);
    assert.deepEqual((await history(server, resident, one.conversation_id)).map((m) => m.message_id), [sent.message_id]);
    const renamed = { ...good.residents[0], first: 'Renamed' };
    assert.equal((await importRecords(data, [userRecord(renamed)])).code, 0);
    assert.equal((await history(server, resident, one.conversation_id))[0].sender.first_name, 'Renamed');
  });
}

test('an import reaches connected sockets: a new conversation is joined at once', async (t) => {
  const server = await serve(t, { estates: 1 });
  const estate = server.estate();
  const [a, b] = await Promise.all(estate.residents.slice(0, 2).map((u) => connect(t, server, u, ws)));
  const id = uuid();
  const done = await importRecords(server.data, [{ conversation: { conversation_id: id, estate_id: estate.id, created_by_user_id: a.user.id, type: 'direct', participants: [{ user_id: a.user.id }, { user_id: b.user.id }] } }]);
  assert.equal(done.code, 0, done.stderr);
  await a.must('send_message', { conversationId: id, content: 'hi' });
  await b.next('new_message', (d) => d.conversationId === id);
});

test('import from standard input, blank lines, CRLF and no newline at the end', async (t) => {
  const data = temporaryFolder();
  const estate = makeEstate();
  const text = importText([estate]).trimEnd().split('\n').join('\r\n\r\n');
  assert.equal((await command(['import', '-', '--data', data], { input: text })).code, 0);
  const server = await serve(t, { data });
  await connect(t, server, bearer(estate.admin), ws);
  assert.equal((await command(['import', writeTemporary(''), '--data', data])).code, 0, 'an empty file is nothing to do');
});

test('health: live and ready, without a token; the first line names the address', async (t) => {
  const server = await serve(t, {});
  assert.match(server.firstLine, /listening on http:\/\/.+:\d+/);
  for (const path of ['/health/live', '/health/ready']) assert.equal((await request(server, 'GET', path)).status, 200);
});

const ipv6 = Object.values(networkInterfaces()).flat().some((at) => at.address === '::1');
if (!ipv6) skip('the first line of a server on IPv6', 'this machine has no ::1');
const { chain, key } = certificate();

for (const [args, address] of [
  [[], ipv6 ? 'http://127.0.0.1:PORT (all addresses)' : 'http://127.0.0.1:PORT (all IPv4 addresses)'],
  [['--host', '127.0.0.1'], 'http://127.0.0.1:PORT'],
  [['--host', '0.0.0.0'], 'http://127.0.0.1:PORT (all IPv4 addresses)'],
  [['--host', '0.0.0.0', '--tls-cert', chain, '--tls-key', key], 'https://127.0.0.1:PORT (all IPv4 addresses)'],
  [['--host', '127.0.0.1', '--tls-cert', chain, '--tls-key', key], 'https://127.0.0.1:PORT'],
  ...(ipv6 ? [[['--host', '::'], 'http://127.0.0.1:PORT (all addresses)'], [['--host', '::1'], 'http://[::1]:PORT']] : []),
]) {
  test(`the first line says where it listens, and an address to go to: ${args.slice(0, 3).join(' ') || 'no --host'}`, async (t) => {
    const server = await launch(binary, ['serve', '--port', '0', '--data', temporaryFolder(), '--threads', '1', ...args]);
    t.after(() => server.stop());
    assert.equal(server.firstLine, `Vaultify Messaging is listening on ${address.replace('PORT', server.port)}`);
  });
}

test('a leftover of a killed server is no obstacle', async (t) => {
  const server = await startServer({ estates: 1 });
  await server.kill();
  const estate = makeEstate();
  assert.equal((await importRecords(server.data, estateRecords([estate]))).code, 0, 'the command line works again');
  const again = await serve(t, { data: server.data });
  await connect(t, again, bearer(estate.admin), ws);
});

test('nobody but the owner can command a running server', async (t) => {
  const server = await serve(t, {});
  const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((f) => (f.isDirectory() ? walk(join(folder, f.name)) : [join(folder, f.name)]));
  for (const file of walk(server.data)) {
    if (statSync(file).isSocket()) assert.equal(statSync(file).mode & 0o077, 0, file);
  }
});
