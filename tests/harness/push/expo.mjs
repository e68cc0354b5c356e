// Expo's push service: messages by the hundred, tickets at once, receipts later, and its errors in its shapes.
import { randomBytes, randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Stand } from './stand.mjs';

const MESSAGES_MAX = 100;
const RECEIPTS_MAX = 1000;
const MESSAGE_MAX_BYTES = 4096;
const FIELDS = new Set(['to', 'title', 'subtitle', 'body', 'data', 'ttl', 'expiration', 'priority', 'sound', 'badge', 'channelId', 'categoryId', 'mutableContent', 'interruptionLevel', '_contentAvailable', 'richContent', 'tag', 'collapseId', 'icon']);

const refused = (error) => ({ status: 'error', message: `A message about ${error}.`, details: { error } });

/** What can become of one message, in a ticket or in a receipt. */
const TICKETS = { OK: null };
for (const error of ['DeviceNotRegistered', 'MessageTooBig', 'MessageRateExceeded', 'MismatchSenderId', 'InvalidCredentials']) TICKETS[error] = refused(error);

/** What can become of a request. */
const ANSWERS = {
  TOO_MANY: { status: 429, body: { errors: [{ code: 'TOO_MANY_REQUESTS', message: 'Too many.' }] } },
  TOO_MANY_2S: { status: 429, headers: { 'retry-after': '2' }, body: { errors: [{ code: 'TOO_MANY_REQUESTS', message: 'Too many.' }] } },
  TOO_MANY_HOUR: { status: 429, headers: { 'retry-after': '3600' }, body: { errors: [{ code: 'TOO_MANY_REQUESTS', message: 'Too many.' }] } },
  UNAUTHORIZED: { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'The bearer token is invalid.' }] } },
  INVALID: { status: 400, body: { errors: [{ code: 'VALIDATION_ERROR', message: 'Invalid.' }] } },
  TOO_MANY_EXPERIENCES: { status: 400, body: { errors: [{ code: 'PUSH_TOO_MANY_EXPERIENCE_IDS', message: 'All must be of the same project.' }] } },
  BROKEN: { status: 500, body: { errors: [{ code: 'INTERNAL_SERVER_ERROR', message: 'Broken.' }] } },
  UNAVAILABLE: { status: 503 },
};

export class ExpoStand extends Stand {
  good = 'OK';
  answers = ANSWERS;
  receipts = new Map(); // id -> the push
  asked = []; // {at, ids}: requests for receipts
  batches = []; // {at, count}

  /** `accessToken`: what must come with each request; or none. */
  constructor(name, files, accessToken) {
    super(name, files);
    this.accessToken = accessToken;
  }

  /** `receipts`: what the device's receipts say, one each; 'later' there is none yet; then all are good. */
  device(more = {}) {
    const token = `ExponentPushToken[${randomBytes(16).toString('base64url').slice(0, 22)}]`;
    return this.add(token, { platform: 'expo', registration: token, name: token, receipts: [], ...more });
  }

  handle(x) {
    if (this.accessToken && x.headers.authorization !== `Bearer ${this.accessToken}`) return this.#refuse(x, 'UNAUTHORIZED', x.headers.authorization);
    const body = JSON.parse(x.headers['content-encoding'] === 'gzip' ? gunzipSync(x.body) : x.body);
    if (x.path === '/--/api/v2/push/send') return this.#send(x, body);
    if (x.path === '/--/api/v2/push/getReceipts') return this.#tell(x, body);
    return this.#refuse(x, 'INVALID', x.path);
  }

  #refuse(x, answer, why) {
    this.complain(`${answer}: ${why}`);
    this.reply(x, answer);
  }

  #send(x, messages) {
    if (!Array.isArray(messages) || messages.length < 1 || messages.length > MESSAGES_MAX) return this.#refuse(x, 'INVALID', `${messages.length} messages`);
    const odd = messages.find((m) => !this.devices.has(m.to) || Object.keys(m).some((name) => !FIELDS.has(name)));
    if (odd) return this.#refuse(x, 'INVALID', JSON.stringify(odd).slice(0, 500));
    this.batches.push({ at: x.at, count: messages.length });
    const answers = messages.map((m) => this.#take(x, m));
    const whole = answers.find((a) => typeof a === 'string' && !(a in TICKETS)); // dictated for one, true of the whole request
    if (whole) return this.reply(x, whole);
    return x.json(200, { data: answers.map((a) => a.ticket ?? TICKETS[a]) });
  }

  /** A dictated answer's name; or {ticket} of a message that was taken. */
  #take(x, message) {
    const device = this.devices.get(message.to);
    const { title, body, data } = message;
    const tooBig = Buffer.byteLength(JSON.stringify(message)) > MESSAGE_MAX_BYTES ? 'MessageTooBig' : undefined;
    if (tooBig) this.complain(`MessageTooBig: ${Buffer.byteLength(JSON.stringify(message))}`);
    const answer = this.take(device, { title, body, members: data, message }, x, tooBig);
    if (answer !== this.good) return answer;
    const id = randomUUID();
    this.receipts.set(id, device.attempts.at(-1));
    return { ticket: { status: 'ok', id } };
  }

  #tell(x, { ids }) {
    if (!Array.isArray(ids) || ids.length < 1 || ids.length > RECEIPTS_MAX) return this.#refuse(x, 'INVALID', `${ids?.length} ids`);
    this.asked.push({ at: x.at, ids });
    const told = ids.filter((id) => this.receipts.has(id)).map((id) => [id, this.receipts.get(id).device.receipts.shift() ?? 'OK']);
    const data = told.filter(([, answer]) => answer !== 'later').map(([id, answer]) => [id, TICKETS[answer] ?? { status: 'ok' }]);
    return x.json(200, { data: Object.fromEntries(data) });
  }
}
