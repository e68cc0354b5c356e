// The guides in docs/: their snippets, one below the other, run exactly as they stand, and print what they promise.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { blocksOf, isRun, keeps, printedBy, programOf } from '../guides/blocks.mjs';
import { neighbour } from '../guides/neighbour.mjs';
import { port3000 } from '../guides/port3000.mjs';
import { makeEstate, estateRecords } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { binary, importRecords, SECRET, startServer, temporaryFolder } from '../harness/server.mjs';
import { skip, test, until } from '../harness/suite.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const docs = join(here, '..', '..', 'docs');
const support = join(here, '..', 'guides');
const guides = readdirSync(docs).filter((name) => name.endsWith('.md'));
const server = await startServer({ data: temporaryFolder() });

/** An estate of its own with the people whom the guides speak of. */
async function estate(t) {
  const made = makeEstate({ residents: 1, name: 'Palm Grove Estate' });
  made.users = [made.admin, made.residents[0]];
  Object.assign(made.admin, { first: 'Ada', last: 'Okafor' });
  Object.assign(made.residents[0], { first: 'Rita', last: 'Mensah' });
  const done = await importRecords(server.data, estateRecords([made]));
  assert.equal(done.code, 0, done.stderr);
  for (const user of made.users) user.token = signToken(SECRET, { sub: user.id });
  await neighbour(t, server, made.residents[0]);
  return made;
}

/** What a guide's reader has at hand: a token, an id, the program, a folder for copies. */
const environment = (made) => ({
  ...process.env,
  TOKEN: made.admin.token,
  USER_ID: made.admin.id,
  PATH: `${dirname(binary)}:${process.env.PATH}`,
  VAULTIFY_DATA: server.data,
  JWT_SECRET: SECRET,
  BACKUPS: temporaryFolder(),
  TMPDIR: temporaryFolder(),
  GUIDE_PORT: String(server.port),
  PYTHONPATH: support,
});

/** Runs it to its end: {code, stdout, stderr}. */
async function run(t, command, args, options, limitMs = 50_000) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (d) => (stdout += d));
  child.stderr.on('data', (d) => (stderr += d));
  let code;
  child.on('close', (c, signal) => (code = c ?? signal));
  await until(() => code !== undefined, () => `the program to end; it printed:\n${stdout}${stderr}`, limitMs);
  return { code, stdout, stderr };
}

function keepsPromises(name, { code, stdout, stderr }) {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  for (const promise of printedBy(join(docs, name))) {
    assert.ok(
      stdout.split('\n').some((line) => keeps(promise, line)),
      `"${promise}" is not printed:\n${stdout}\n${stderr}`,
    );
  }
}

/** A folder in which a program of the guide finds what its reader has installed. */
function folderWith(file, text) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['socket.io-client']) symlinkSync(join(here, '..', 'node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, file), text);
  return folder;
}

const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const python = ['/usr/bin/python3', 'python3'].find((command) => has(command, '-c', 'import socketio, requests, websocket'));

const jars = join(here, '..', 'node_modules', '.cache', 'java');
const java = existsSync(jars) && has('java', '--version');

const runners = {
  /** Java is told by a file of hosts where localhost is. */
  async java(t, name, text, made) {
    const address = await port3000(t, server.port);
    assert.ok(address, 'somebody listens on port 3000 of all addresses');
    const hosts = join(temporaryFolder(), 'hosts');
    writeFileSync(hosts, `${address} localhost\n`);
    return run(t, 'java', [`-Djdk.net.hosts.file=${hosts}`, '-cp', join(jars, '*'), 'Program.java'], { cwd: folderWith('Program.java', text), env: environment(made) });
  },
  js: (t, name, text, made) => run(t, process.execPath, ['--require', join(support, 'localhost.cjs'), 'program.mjs'], { cwd: folderWith('program.mjs', text), env: environment(made) }),
  python: (t, name, text, made) => run(t, python, ['program.py'], { cwd: folderWith('program.py', text), env: environment(made) }),
  bash: (t, name, text, made) => run(t, 'bash', ['-eu', '-o', 'pipefail', 'program.sh'], { cwd: folderWith('program.sh', text), env: environment(made) }),
};

for (const name of guides) {
  for (const [language, runner] of Object.entries(runners)) {
    const text = programOf(join(docs, name), language);
    if (!text.trim()) continue;
    if (language === 'java' && !java) skip(`${name}: ${language}`, 'there is no Java, or its client was not fetched (tests/interop)');
    else if (language === 'python' && !python) skip(`${name}: ${language}`, 'python3-socketio is not installed');
    else test(`${name}: its ${language} runs and prints what it says`, async (t) => keepsPromises(name, await runner(t, name, text, await estate(t))));
  }
}

const CHROMIUM = process.env.VAULTIFY_CHROMIUM || '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A page of some other origin, in a browser for which localhost:3000 is the server under test. */
async function open(t, fileAt, token) {
  const types = { '.js': 'text/javascript', '.css': 'text/css' };
  const site = createServer(({ url }, answer) => answer.setHeader('Content-Type', types[extname(url)] ?? 'text/html').end(url === '/favicon.ico' ? '' : fileAt(url)));
  await new Promise((done) => site.listen(0, '127.0.0.1', done));
  t.after(() => site.close());
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, `--host-resolver-rules=MAP localhost:3000 127.0.0.1:${server.port}`] });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const errors = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.addInitScript((value) => sessionStorage.setItem('access token', value), token);
  page.on('dialog', (dialog) => dialog.accept(token));
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  return { page, errors };
}

if (existsSync(CHROMIUM))
  test('BROWSER.md: its page opens, sends and shows', async (t) => {
    const made = await estate(t);
    const { page, errors } = await open(t, () => programOf(join(docs, 'BROWSER.md'), 'html'), made.admin.token);
    const shown = () => page.locator('#messages li').allTextContents();
    await page.getByRole('status').filter({ hasText: 'Online' }).waitFor();
    await page.getByLabel('Message').fill('Hello everyone!');
    await page.getByRole('button', { name: 'Send' }).click();
    await until(async () => (await shown()).length === 2, async () => JSON.stringify(await shown()));
    assert.deepEqual(await shown(), ['Ada: Hello everyone!', 'Rita: Welcome!']);
    assert.deepEqual(errors, []);
  });
else skip('BROWSER.md', `there is no ${CHROMIUM}`);

const root = join(here, '..', '..');
const packageAt = { '@vaultify/messaging': join(root, 'client', 'src', 'index.ts') };

/** The guide's app as a reader's project has it: App.tsx, type-checked and built. (By others: whom it talks to lives in this process.) */
async function builtApp(t, text) {
  const folder = temporaryFolder();
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'App.tsx'), text);
  writeFileSync(join(folder, 'main.tsx'), `import { createRoot } from 'react-dom/client';\nimport { App } from './App';\ncreateRoot(document.getElementById('root')!).render(<App />);\n`);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><div id="root"></div><script type="module" src="/main.tsx"></script>');
  const paths = Object.fromEntries(Object.entries(packageAt).map(([name, file]) => [name, [file]]));
  const compilerOptions = { noEmit: true, rootDir: '/', paths };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'client', 'tsconfig.json'), compilerOptions, include: ['*.tsx'] }));
  writeFileSync(join(folder, 'vite.config.mjs'), `export default ${JSON.stringify({ logLevel: 'error', resolve: { alias: packageAt } })};\n`);
  for (const tool of [['typescript/bin/tsc', '-p', '.'], ['vite/bin/vite.js', 'build']]) {
    const [file, ...args] = tool;
    const { code, stdout, stderr } = await run(t, process.execPath, [join(root, 'node_modules', file), ...args], { cwd: folder }, 100_000);
    assert.equal(code, 0, stdout + stderr);
  }
  return join(folder, 'dist');
}

if (existsSync(CHROMIUM))
  test('REACT.md: its app builds, and is used in a browser', { limitMs: 150_000 }, async (t) => {
    const made = await estate(t);
    const dist = await builtApp(t, programOf(join(docs, 'REACT.md'), 'tsx'));
    const { page, errors } = await open(t, (path) => readFileSync(join(dist, path === '/' ? 'index.html' : path)), made.admin.token);
    await page.getByRole('button', { name: 'Palm Grove Estate' }).click();
    await page.getByLabel('Message').fill('Hello everyone!');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Rita: Welcome!' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Ada: Hello everyone! (read)' }).waitFor();
    await page.getByRole('button', { name: 'Announce the pool' }).click();
    await page.getByRole('paragraph').filter({ hasText: 'The pool is open again' }).waitFor();
    assert.deepEqual(errors, []);
  });

test('every block of a language that runs here is run, or says why not', () => {
  for (const name of guides)
    for (const block of blocksOf(join(docs, name)))
      if (block.words.length) assert.ok(isRun(block) || block.words.length > 2, `${name}:${block.line}: "not-run:" needs a reason`);
});

test('every link between the documents leads somewhere', () => {
  for (const name of guides) {
    for (const [, target] of readFileSync(join(docs, name), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(docs, target)), `${name}: ${target}`);
    }
  }
});

test('the client guide tells every event', async () => {
  const text = readFileSync(join(docs, 'WEBSOCKET_CLIENT_GUIDE.md'), 'utf8');
  const { channels } = await (await fetch(`${server.url}/asyncapi.json`)).json();
  const names = Object.values(channels).flatMap((channel) => Object.values(channel.messages ?? {})).map(({ $ref, name }) => (name ?? $ref).split(/[/.]/).at(-1)).filter((name) => !name.startsWith('CONNECT'));
  assert.ok(names.length > 10, String(names));
  for (const name of names) assert.ok(text.includes(`\`${name}`), `${name} is not told`);
});
