// REST requests over node:http or node:https, one connection each, nothing added that the test did not ask for.
import http from 'node:http';
import https from 'node:https';
import { soon } from './suite.mjs';

/** {status, headers, text, json} */
export function request(server, method, path, { token, body, headers = {}, raw, agent, ms = 15_000 } = {}) {
  const payload = raw !== undefined ? raw : body !== undefined ? JSON.stringify(body) : undefined;
  const all = { ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  if (payload !== undefined) {
    all['Content-Type'] ??= 'application/json';
    all['Content-Length'] = Buffer.byteLength(payload);
  }
  return soon(
    new Promise((resolve, reject) => {
      const secure = server.scheme === 'https';
      const req = (secure ? https : http).request({ rejectUnauthorized: false, host: '127.0.0.1', port: server.port, method, path, headers: all, agent: agent ?? false }, (res) => {
        const chunks = [];
        res.on('data', (d) => chunks.push(d));
        res.on('error', reject);
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let json;
          try {
            json = JSON.parse(text);
          } catch {
            // not JSON: the test sees the text
          }
          resolve({ status: res.statusCode, headers: res.headers, text, json });
        });
      });
      req.on('error', reject);
      req.end(payload);
    }),
    `${method} ${path}`,
    ms,
  );
}

/** The body of an answer that must have this status. */
export async function rest(server, user, method, path, { status = 200, ...options } = {}) {
  const answer = await request(server, method, path, { token: user.token, ...options });
  if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${answer.text.slice(0, 500)}`);
  return answer.json;
}

/** The whole history of a conversation, by after_seq. */
export async function history(server, user, conversation, limit = 100) {
  const all = [];
  for (let after = 0; ; ) {
    const page = await rest(server, user, 'GET', `/messaging/conversations/${conversation}/messages?after_seq=${after}&limit=${limit}`);
    all.push(...page.data);
    if (page.data.length < limit) return all;
    after = page.data.at(-1).seq;
  }
}

export const groupOf = async (server, user) => (await rest(server, user, 'GET', `/messaging/estate/${user.estateId}/group`)).conversation_id;

export const makeGroup = async (server, user, others, title = 'A group') =>
  (await rest(server, user, 'POST', '/messaging/conversations', { status: 201, body: { estate_id: user.estateId, type: 'group', title, participant_user_ids: others.map((o) => o.id) } })).conversation_id;

export const makeDirect = async (server, user, other) =>
  (await rest(server, user, 'POST', '/messaging/conversations', { status: 201, body: { estate_id: user.estateId, type: 'direct', participant_user_ids: [other.id] } })).conversation_id;
