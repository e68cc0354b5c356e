// What the first look at the page costs: bytes as they come over the wire, and requests.
import assert from 'node:assert/strict';
import { browserTest, openPage } from '../harness/browser.mjs';
import { list } from '../harness/page.mjs';
import { startServer } from '../harness/server.mjs';

const BYTES_MAX = 150_000;
const REQUESTS_MAX = 25; // files and answers, until the list of conversations is there

const server = await startServer({ args: ['--demo'] });

browserTest('the first load is at most 150 KB compressed, in few requests', async (t) => {
  const page = await openPage(t);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const paths = new Map();
  let bytes = 0;
  session.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (!paths.get(requestId)?.startsWith('/socket.io/')) bytes += encodedDataLength;
  });
  await page.goto(server.url);
  await page.getByRole('button', { name: /Rita Mensah/ }).click();
  await list(page).getByRole('link').first().waitFor();
  const requests = [...paths.values()].filter((path) => !path.startsWith('/socket.io/'));
  assert.ok(bytes > 50_000, `${bytes} bytes: it was not measured`);
  assert.ok(bytes <= BYTES_MAX, `${bytes} bytes; the limit is ${BYTES_MAX}`);
  assert.ok(requests.length <= REQUESTS_MAX, `${requests.length} requests:\n${requests.join('\n')}`);
});
