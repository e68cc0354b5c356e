// What `npm pack` gives, in a fresh Vite project with React 18: it installs, type-checks as its README says, builds, and works.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../harness/client.mjs';
import { openBrowser, serveFolder } from '../harness/react/browser.mjs';
import { root } from '../harness/react/package.mjs';
import { groupOf } from '../harness/rest.mjs';
import { command, startServer, temporaryFolder } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const project = temporaryFolder();
const snippets = [...readFileSync(join(root, 'client/README.md'), 'utf8').matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(([, kind, text]) => ({ kind, text }));

async function run(file, args, cwd = project) {
  const done = await command(args, { file, cwd, ms: 120_000 });
  assert.equal(done.code, 0, `${file} ${args.join(' ')}: ${done.stdout.slice(-3000)}${done.stderr.slice(-3000)}`);
  return done.stdout;
}

async function pack() {
  const folder = temporaryFolder();
  const [packed] = JSON.parse((await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], join(root, 'client'))).replace(/^[^[]*/, ''));
  copyFileSync(join(folder, packed.filename.replace('@', '').replace('/', '-')), join(project, 'vaultify-messaging.tgz'));
  return packed.files.map((file) => file.path);
}

cpSync(join(root, 'tests/fresh'), project, { recursive: true, filter: (path) => !path.includes('node_modules') });
mkdirSync(join(project, 'src/readme'));
snippets.forEach(({ kind, text }, i) => writeFileSync(join(project, text.startsWith('// src/App.tsx') ? 'src/App.tsx' : `src/readme/${i}.${kind}`), text));
const files = await pack();
await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--silent']);
const tool = (path) => join(project, 'node_modules', path);

test('the package holds its compiled files, its types, its style, its README and its licence, and nothing else', () => {
  const strange = files.filter((path) => !/^(package\.json|README\.md|LICENSE|dist\/style\.css|dist\/.*\.(js|d\.ts))$/.test(path));
  assert.deepEqual(strange, []);
  for (const path of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/core/index.js', 'dist/core/index.d.ts', 'dist/style.css']) assert.ok(files.includes(path), path);
  assert.equal(readFileSync(tool('@vaultify/messaging/LICENSE'), 'utf8'), readFileSync(join(root, 'LICENSE'), 'utf8'));
});

test('whatever its package.json exports is there, and its only dependency is socket.io-client', () => {
  const { exports, dependencies } = JSON.parse(readFileSync(tool('@vaultify/messaging/package.json'), 'utf8'));
  const named = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)));
  for (const path of named.filter((p) => p !== './package.json')) assert.ok(files.includes(path.slice(2)), path);
  assert.deepEqual(Object.keys(dependencies), ['socket.io-client']);
});

for (const config of ['tsconfig.json', 'node16.tsconfig.json']) {
  test(`every snippet of the README has the right types: ${config}`, { limitMs: 120_000 }, () => run(process.execPath, [tool('typescript/bin/tsc'), '-p', config]));
}

test('plain Node.js imports the client without React', async () => {
  const script = "import('@vaultify/messaging/core').then((core) => console.log(typeof core.createClient))";
  assert.equal((await run(process.execPath, ['--input-type=module', '-e', script])).trim(), 'function');
});

test('built by Vite it talks with the server', { limitMs: 120_000 }, async (t) => {
  await run(process.execPath, [tool('vite/bin/vite.js'), 'build', '--logLevel', 'error']);
  const server = await startServer({ estates: 1 });
  const { id, residents } = server.estate();
  const [resident, neighbour] = residents;
  const other = await connect(t, server, neighbour);
  const group = await groupOf(server, neighbour);
  const page = await (await openBrowser(t)).newPage();
  await page.goto(`${await serveFolder(join(project, 'dist'))}/?${new URLSearchParams({ url: server.url, token: resident.token, estate: id })}`);

  const field = page.getByRole('textbox', { name: 'Message' });
  await field.fill('Hello from a fresh project');
  await field.press('Enter');
  const heard = await other.next('new_message', (m) => m.message.content === 'Hello from a fresh project');
  assert.equal(heard.message.sender_user_id, resident.id);
  await other.must('send_message', { conversationId: group, content: 'And hello back' });
  await page.getByRole('log', { name: 'Messages' }).getByText('And hello back').waitFor();
  const mine = page.locator('article[data-mine=true]');
  await until(async () => ['sent', 'delivered', 'read'].includes(await mine.getAttribute('data-state')), 'it to be sent');
  assert.equal(await mine.count(), 1, 'StrictMode sends nothing twice');
});
