// libsio's upload example: a file in binary chunks, each acknowledged; what is wrong leaves nothing behind.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joined } from '../harness/features.mjs';
import { command, example, launch, temporaryFolder } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const folder = join(temporaryFolder(), 'uploads');
mkdirSync(folder);
const server = await launch(example('upload'), [folder, '0']);
const ok = (received) => [{ ok: true, received }];
const no = (error) => [{ ok: false, error }];
let names = 0;
const fresh = () => `file-${++names}.bin`;
const part = (socket) => join(folder, `.${socket.id}.part`);

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']])
  test(`a file in chunks, ${transports}`, async (t) => {
    const socket = await joined(t, server, { transports });
    const [name, bytes] = [fresh(), randomBytes(700_000)];
    assert.deepEqual(await socket.ask('begin', { name, size: bytes.length }), ok(0));
    for (let at = 0; at < bytes.length; at += 100_000) {
      assert.ok(!existsSync(join(folder, name)), 'it has its name when it is whole');
      assert.deepEqual(await socket.ask('chunk', bytes.subarray(at, at + 100_000)), ok(at + 100_000));
    }
    assert.deepEqual(await socket.ask('end'), ok(bytes.length));
    assert.deepEqual(readFileSync(join(folder, name)), bytes);
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    assert.ok(!existsSync(part(socket)));
  });

test('an empty file, and one behind the other', async (t) => {
  const socket = await joined(t, server);
  for (const size of [0, 3, 0]) {
    const name = fresh();
    await socket.ask('begin', { name, size });
    if (size) await socket.ask('chunk', Buffer.alloc(size, 'x'));
    assert.deepEqual(await socket.ask('end'), ok(size));
    assert.equal(readFileSync(join(folder, name), 'utf8'), 'x'.repeat(size));
  }
});

test('a name leads nowhere else', async (t) => {
  const socket = await joined(t, server);
  for (const name of ['../x', 'a/b', '/etc/x', '..', '.', '.hidden', '-rf', '', 'a\0b', 'a b', 'é', 'x'.repeat(101), 7, null, undefined]) {
    assert.deepEqual(await socket.ask('begin', { name, size: 1 }), no('the name is not a plain one'), JSON.stringify(name));
  }
  for (const what of [undefined, 7, 'x', []]) assert.deepEqual(await socket.ask('begin', what), no('the name is not a plain one'));
});

test('no file is overwritten', async (t) => {
  const name = fresh();
  writeFileSync(join(folder, name), 'older');
  const socket = await joined(t, server);
  await socket.ask('begin', { name, size: 1 });
  await socket.ask('chunk', Buffer.from('x'));
  assert.deepEqual(await socket.ask('end'), no('there is a file of this name'));
  assert.equal(readFileSync(join(folder, name), 'utf8'), 'older');
  assert.ok(!existsSync(part(socket)));
});

test('sizes are kept', async (t) => {
  const socket = await joined(t, server);
  const begin = (size) => socket.ask('begin', { name: fresh(), size });
  for (const size of [undefined, -1, 1.5, '1']) assert.deepEqual(await begin(size), no('there is no size'));
  assert.deepEqual(await begin(64 * 1024 * 1024 + 1), no('the file is too large'));
  await begin(4);
  assert.deepEqual(await socket.ask('chunk', Buffer.alloc(5)), no('more has come than was announced'));
  assert.ok(!existsSync(part(socket)), 'the upload is over');
  await begin(4);
  await socket.ask('chunk', Buffer.alloc(3));
  assert.deepEqual(await socket.ask('end'), no('less has come than was announced'));
  assert.ok(!existsSync(part(socket)));
});

test('the order is kept', async (t) => {
  const socket = await joined(t, server);
  assert.deepEqual(await socket.ask('chunk', Buffer.alloc(1)), no('there is no upload'));
  assert.deepEqual(await socket.ask('end'), no('there is no upload'));
  assert.deepEqual(await socket.ask('other'), no('there is no such event'));
  await socket.ask('begin', { name: fresh(), size: 1 });
  assert.deepEqual(await socket.ask('begin', { name: fresh(), size: 1 }), no('there is an upload already'));
  await socket.ask('begin', { name: fresh(), size: 1 });
  assert.deepEqual(await socket.ask('chunk', 'text'), no('a chunk is binary'));
});

test('who goes leaves nothing behind', async (t) => {
  const socket = await joined(t, server);
  await socket.ask('begin', { name: fresh(), size: 10 });
  const file = part(socket);
  await until(() => existsSync(file), 'the part');
  socket.disconnect();
  await until(() => !existsSync(file), 'its end');
});

test('only whole files are left', { alone: true }, async () => {
  await until(() => readdirSync(folder).every((name) => !name.startsWith('.')), () => readdirSync(folder).join());
});

test('a folder that is none', async () => {
  const end = await command([join(folder, 'nowhere'), '0'], { file: example('upload') });
  assert.equal(end.code, 1);
  assert.match(end.stderr, /No such file/);
});
