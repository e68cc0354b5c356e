// A wire that can be cut: a TCP proxy before a server. While it is cut, there are no connections, old or new.
import net from 'node:net';

export async function cuttable(server) {
  const ends = new Set();
  const answers = new Map(); // from the server's end to the client's
  let whole = true;
  const keep = (socket) => {
    ends.add(socket);
    socket.on('error', () => {}); // a cut is what the test wants
    socket.on('close', () => ends.delete(socket));
  };
  const proxy = net.createServer((near) => {
    if (!whole) return near.destroy();
    const far = net.connect(server.port, '127.0.0.1');
    [near, far].forEach(keep);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
    answers.set(far, near);
    far.on('close', () => answers.delete(far));
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
  proxy.unref();
  const { port } = proxy.address();
  const cut = () => {
    whole = false;
    ends.forEach((socket) => socket.destroy());
  };
  const mend = () => (whole = true);
  /** The server gets what is sent, and its answers get nowhere, until these connections are cut. */
  const hold = () => {
    for (const [far, near] of answers) {
      far.unpipe(near);
      far.pause();
    }
  };
  return { port, url: `http://127.0.0.1:${port}`, cut, mend, hold };
}
