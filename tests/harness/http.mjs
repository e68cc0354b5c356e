// HTTP/1.1 by hand: several requests on one TCP connection, pipelined if one wishes, and their answers in order.
import { Tcp } from './raw.mjs';
import { until } from './suite.mjs';

function parseHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line);
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return { status: Number(first.split(' ')[1]), reason: first.split(' ').slice(2).join(' '), headers };
}

/** The chunks at the start of `bytes`; null while the last one has not come. */
function parseChunks(bytes) {
  const parts = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = parseInt(bytes.toString('latin1', at, line), 16);
    if (bytes.length < line + 2 + size + 2) return null;
    if (size === 0) return { body: Buffer.concat(parts), length: line + 4 };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** The first answer in `bytes` and how long it is; null while it is not complete. */
function parseAnswer(bytes, headOnly, ended) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const answer = parseHead(bytes.toString('latin1', 0, end));
  const rest = bytes.subarray(end + 4);
  const whole = (body, length) => Object.assign(answer, { body, text: body.toString(), length: end + 4 + length });
  if (headOnly || answer.status === 204 || answer.status === 304 || answer.status < 200) return whole(Buffer.alloc(0), 0);
  if (answer.headers['transfer-encoding'] === 'chunked') {
    const chunks = parseChunks(rest);
    return chunks && whole(chunks.body, chunks.length);
  }
  const announced = answer.headers['content-length'];
  if (announced === undefined) return ended ? whole(rest, rest.length) : null;
  return rest.length < Number(announced) ? null : whole(rest.subarray(0, Number(announced)), Number(announced));
}

export class HttpConnection extends Tcp {
  constructor(port) {
    super(port);
    this.heads = []; // which of the requests is a HEAD
  }

  /** Writes a request; `body` gets its Content-Length. */
  ask(method, target, { body, headers = {}, version = '1.1' } = {}) {
    const lines = Object.entries({ Host: 'x', ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }), ...headers });
    this.heads.push(method === 'HEAD');
    return this.write(Buffer.concat([Buffer.from(`${method} ${target} HTTP/${version}\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`), Buffer.from(body ?? '')]));
  }

  /** All that have come, in order. */
  get answers() {
    const all = [];
    for (let rest = this.buffer, i = 0; ; i++) {
      const answer = parseAnswer(rest, this.heads[i], this.ended);
      if (!answer) return all;
      all.push(answer);
      rest = rest.subarray(answer.length);
    }
  }

  /** The answer to the request of that number. */
  answer(i = 0, ms) {
    return until(
      () => {
        const found = this.answers[i];
        if (!found && this.ended) throw new Error(`the connection ended before answer ${i}: ${JSON.stringify(this.text.slice(0, 300))}`);
        return found;
      },
      () => `answer ${i}: ${JSON.stringify(this.text.slice(0, 300))}`,
      ms,
    );
  }
}

export function http(t, server) {
  const connection = new HttpConnection(server.port);
  t.after(() => connection.close());
  return connection;
}

/** One request on a connection of its own. */
export function fetchOnce(t, server, method, target, options) {
  return http(t, server).ask(method, target, options).answer();
}
