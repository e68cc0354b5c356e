// A TCP proxy in front of a server, whose connections can be cut at any moment, on one side or on both.
import net from 'node:net';

export class Cuts {
  #pairs = new Set();
  #listener = net.createServer((near) => this.#join(near));

  static async open(t, server) {
    const cuts = new Cuts();
    cuts.target = server.port;
    await new Promise((ready) => cuts.#listener.listen(0, '127.0.0.1', ready));
    cuts.port = cuts.#listener.address().port;
    cuts.url = `http://127.0.0.1:${cuts.port}`;
    t.after(() => {
      cuts.#listener.close();
      cuts.cut();
    });
    return cuts;
  }

  #join(near) {
    const far = net.connect(this.target, '127.0.0.1');
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('data', (data) => {
        if (!to.destroyed) to.write(data);
      });
      from.on('close', () => {
        if (!pair.kept) to.destroy();
        if (near.destroyed && far.destroyed) this.#pairs.delete(pair);
      });
    }
  }

  /** Ends every connection. `keepFar`: the server does not notice; its side stays open, and silent. */
  cut({ keepFar = false } = {}) {
    for (const pair of this.#pairs) {
      if (pair.near.destroyed && keepFar) continue;
      pair.kept = keepFar;
      pair.near.destroy();
      if (!keepFar) pair.far.destroy();
    }
  }

  get open() {
    return [...this.#pairs].filter((p) => !p.near.destroyed).length;
  }
}
