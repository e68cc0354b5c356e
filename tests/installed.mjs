// libsio alone: installs it into a temporary folder, builds programs outside the tree against it, and talks to them:
// node installed.mjs [name]
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { command, launch, temporaryFolder } from './harness/server.mjs';
import { runSuite, soon, test } from './harness/suite.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = temporaryFolder();
const prefix = join(folder, 'prefix');
const parts = join(folder, 'build', 'libsio');
const lib = join(prefix, 'lib');
const env = { PKG_CONFIG_PATH: join(lib, 'pkgconfig'), LD_LIBRARY_PATH: lib };

/** What a command prints; a command that fails is a test that fails. */
async function run(file, args, ms = 60_000) {
  const end = await command(args, { file, env, ms });
  assert.equal(end.code, 0, `${file} ${args.join(' ')}\n${(end.stdout + end.stderr).slice(0, 4000)}`);
  return end.stdout;
}

const lines = (text) => text.split('\n').filter(Boolean);
const flags = async (...options) => (await run('pkg-config', [...options, 'libsio'])).trim().split(' ');

// ---- installing

const options = ['-Dvaultify=false', '-Dtests=false', '-Dbuildtype=debugoptimized', `--prefix=${prefix}`, '-Dlibdir=lib'];
await run('meson', ['setup', join(folder, 'build'), top, ...options]);
await run('meson', ['install', '-C', join(folder, 'build')], 300_000);
const headers = readdirSync(join(prefix, 'include', 'sio')).sort();

test('the public headers are installed', () => {
  assert.deepEqual(headers, readdirSync(join(top, 'libsio', 'include')).sort());
});

// ---- names

/** The functions that the public headers declare, as the compiler sees them. */
async function declared() {
  const list = join(folder, 'declared');
  const included = headers.flatMap((header) => ['-include', header]);
  await run('gcc', [...(await flags('--cflags')), ...included, '-fsyntax-only', '-aux-info', list, '-x', 'c', '/dev/null']);
  const names = lines(readFileSync(list, 'utf8')).map((line) => /\/include\/sio\/.* extern .*?([a-z0-9_]+) \(/.exec(line)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

const defined = async (...args) => lines(await run('nm', ['--defined-only', '--format=just-symbols', ...args])).filter((name) => /^\w+$/.test(name));

test('both libraries export what the headers declare, and nothing else', async () => {
  const names = await declared();
  assert.ok(names.includes('sio_broadcast') && names.includes('sio_json_check'), names.join());
  assert.deepEqual((await defined('-D', join(lib, 'libsio.so'))).sort(), names);
  assert.deepEqual((await defined('-g', join(lib, 'libsio.a'))).sort(), names);
});

test('the shared library has the name libsio.so.0', async () => {
  assert.match(await run('readelf', ['-d', join(lib, 'libsio.so')]), /SONAME.*\[libsio\.so\.0\]/);
});

// ---- headers

const languages = [
  ...['gcc', 'clang'].flatMap((compiler) => ['c11', 'c17'].map((standard) => [compiler, standard, 'c'])),
  ...['g++', 'clang++'].flatMap((compiler) => ['c++11', 'c++20'].map((standard) => [compiler, standard, 'c++'])),
];
for (const [compiler, standard, language] of languages) {
  test(`each header compiles alone: ${compiler}, ${standard}`, async () => {
    const checks = [`-std=${standard}`, '-pedantic', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', ...(await flags('--cflags'))];
    for (const header of headers) await run(compiler, [...checks, '-include', 'syslog.h', '-include', header, '-x', language, '/dev/null']);
  });
}

// ---- programs

/** `source` is a file of C or C++; the program built from it with what pkg-config says alone. */
async function build(name, source, { compiler = 'gcc', archive = false, options = [] } = {}) {
  const program = join(folder, `${name}-${compiler}-${archive ? 'static' : 'shared'}`);
  const libraries = archive ? (await flags('--static', '--libs')).map((f) => (f === '-lsio' ? '-l:libsio.a' : f)) : await flags('--libs');
  await run(compiler, [...options, '-o', program, source, ...(await flags('--cflags')), ...libraries]);
  const needed = (await run('readelf', ['-d', program])).includes('[libsio.so.0]');
  assert.equal(needed, !archive);
  return program;
}

function outside(name, text) {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const example = (name) => outside(name, readFileSync(join(top, 'libsio', 'examples', name), 'utf8'));

async function echoes(t, server) {
  const socket = io(server.url, { forceNew: true, transports: ['websocket'] });
  t.after(() => socket.disconnect());
  const back = new Promise((done) => socket.on('event', (...args) => done(args)));
  socket.emit('event', 1, { two: 'é' });
  assert.deepEqual(await soon(back, 'the echo'), [1, { two: 'é' }]);
}

for (const compiler of ['gcc', 'clang'])
  for (const archive of [false, true])
    test(`the echo example outside the tree: ${compiler}, ${archive ? 'static' : 'shared'}`, async (t) => {
      const program = await build('echo', example('echo.c'), { compiler, archive });
      const server = await launch(program, ['0'], { env });
      await echoes(t, server);
      await server.stop();
    });

test('the other examples build outside the tree', async () => {
  for (const name of ['chat', 'conformance', 'upload']) await build(name, example(`${name}.c`), { options: ['-Wall', '-Werror'] });
});

const strict = ['-std=c11', '-pedantic', '-Wall', '-Wextra', '-Werror'];

test("the manual's server, to the letter", async () => {
  const manual = readFileSync(join(prefix, 'include', 'sio', 'sio.h'), 'utf8');
  const code = lines(manual).filter((line) => /^ \* {5}/.test(line)).map((line) => line.slice(7));
  assert.ok(code.includes('#include <sio.h>') && code.at(-1) === '}', code.join('\n'));
  await build('manual', outside('manual.c', `${code.join('\n')}\n`), { options: strict });
});

test("the README's server, to the letter", async () => {
  const code = /```c\n([^`]*)```/.exec(readFileSync(join(top, 'libsio', 'README.md'), 'utf8'))[1];
  await build('readme', outside('readme.c', code), { options: strict });
});

test('a C++ program', async () => {
  const source = outside('made.cc', `
    #include <sio.h>
    int main() {
        sio_config config;
        sio_server *server = nullptr;
        sio_config_init(&config);
        if (sio_server_new(&config, &server) != SIO_ERR_OK) return 1;
        sio_server_namespace(server, "/", nullptr);
        sio_server_free(server);
        return sio_span_is(SIO_SPAN("words"), "words") ? 0 : 1;
    }
  `);
  for (const compiler of ['g++', 'clang++']) await run(await build('made', source, { compiler, options: ['-std=c++17', '-Wall', '-Werror'] }), []);
});

test('a program may use every name that the libraries keep to themselves', async () => {
  const ours = [...(await defined('-g', join(parts, 'libsio_parts.a'))), ...(await defined('-g', join(parts, 'libbase.a')))];
  const exported = new Set(await declared());
  const inner = [...new Set(ours)].filter((name) => !exported.has(name));
  assert.ok(inner.includes('map_get') && inner.length > 100, inner.join());
  const source = outside('names.c', `
    #include <sio.h>
    ${inner.map((name) => `int ${name}(void);\nint ${name}(void) { return 1; }`).join('\n')}
    int main(void) {
        struct sio_config config;
        struct sio_server *server;
        sio_config_init(&config);
        if (sio_server_new(&config, &server) != SIO_ERR_OK) return 1;
        sio_server_free(server);
        return ${inner.map((name) => `${name}()`).join(' + ')} == ${inner.length} ? 0 : 1;
    }
  `);
  for (const archive of [false, true]) await run(await build('names', source, { archive, options: strict }), []);
});

// ----

const totals = { passed: 0, failed: 0 };
await runSuite(
  (result) => {
    totals[result.ok ? 'passed' : 'failed']++;
    console.log(`${result.ok ? 'ok  ' : 'FAIL'} ${result.name} (${result.ms} ms)`);
    if (!result.ok) console.log(String(result.error).replace(/^/gm, '       '));
  },
  { concurrency: 2, only: process.argv[2] },
);
console.log(`tests: ${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed ? 1 : 0);
