// Port 3000 of a loopback address that nobody else uses, behind which is the server under test: for programs that cannot
// be told otherwise than by a file of hosts.
import { randomInt } from 'node:crypto';
import net from 'node:net';

/** The address; null: somebody has port 3000 on all of them. It ends with the test. */
export async function port3000(t, port) {
  const sockets = new Set();
  const front = net.createServer((client) => {
    const server = net.connect(port, '127.0.0.1');
    for (const [from, to] of [[client, server], [server, client]]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const listens = await new Promise((done) => front.once('error', () => done(false)).listen(3000, address, () => done(true)));
  if (!listens) return null;
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    front.close();
  });
  return address;
}
