// Pages of the package in Chromium: built by Vite into a temporary folder, served from there.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { temporaryFolder } from '../server.mjs';
import { finally_ } from '../suite.mjs';
import { root } from './package.mjs';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

let running;
/** One browser a file of tests; each call is a person of their own in it. */
export async function openBrowser(t, options) {
  running ??= chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
  const context = await (await running).newContext(options);
  t.after(() => context.close());
  return context;
}
finally_('the browser is closed', async () => (await running)?.close());

/** Serves a folder on a free port: its origin. */
export function serveFolder(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!file.startsWith(folder) || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
  });
  finally_('the page server is closed', () => server.closeAllConnections());
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`)));
}

/** The page beside this file, built from the package's source. */
export async function buildPage() {
  const { build } = await import(pathToFileURL(join(root, 'node_modules/vite/dist/node/index.js')).href);
  const folder = temporaryFolder();
  await build({
    root: fileURLToPath(new URL('page', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        { find: '@vaultify/messaging/style.css', replacement: join(root, 'client/src/style.css') },
        { find: '@vaultify/messaging', replacement: join(root, 'client/src/index.ts') },
      ],
    },
    build: { outDir: folder, emptyOutDir: true },
  });
  return folder;
}
