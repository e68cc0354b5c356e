// The peer: the same works as a careful Socket.IO server on Node.js would do them, with one SQLite commit a message.
import { createHmac, randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const [port, usersFile, directory, secret] = process.argv.slice(2);
const users = new Map(); // id -> {id, estate, role}
for (const line of readFileSync(usersFile, 'utf8').split('\n').filter(Boolean)) {
  const { user } = JSON.parse(line);
  if (user) users.set(user.user_id, { id: user.user_id, estate: user.estate_id, role: user.role, name: user.first_name });
}
const conversations = new Map(); // id -> participants
for (const line of readFileSync(usersFile, 'utf8').split('\n').filter(Boolean)) {
  const { conversation } = JSON.parse(line);
  if (conversation) conversations.set(conversation.conversation_id, conversation.participants);
}

// ---- storage: better-sqlite3 where it can be built, else a file that is synced after each message ----
let store;
try {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(`${directory}/peer.db`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS messages(id TEXT, conversation TEXT, sender TEXT, seq INTEGER, content TEXT, at INTEGER)');
  db.exec('CREATE INDEX IF NOT EXISTS by_seq ON messages(conversation, seq)');
  const insert = db.prepare('INSERT INTO messages VALUES (?,?,?,?,?,?)');
  store = { kind: 'better-sqlite3', add: (m) => insert.run(m.message_id, m.conversation_id, m.sender_user_id, m.seq, m.content, Date.now()) };
} catch {
  const fd = openSync(`${directory}/peer.log`, 'a');
  store = { kind: 'file with fdatasync', add: (m) => { writeSync(fd, JSON.stringify(m) + '\n'); fdatasyncSync(fd); } };
  process.on('exit', () => closeSync(fd));
}

function verify(token) {
  const [head, body, signature] = String(token).split('.');
  const expected = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
  if (expected !== signature) throw new Error('token_invalid');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  if (claims.exp * 1000 < Date.now()) throw new Error('token_expired');
  const user = users.get(claims.sub);
  if (!user) throw new Error('user_unknown');
  return user;
}

const http = createServer();
const io = new Server(http);
const seqs = new Map();
const nextSeq = (conversation) => { const n = (seqs.get(conversation) ?? 0) + 1; seqs.set(conversation, n); return n; };

io.of('/messaging').use((socket, next) => {
  try { socket.data.user = verify(socket.handshake.auth.token); next(); } catch (error) { next(error); }
});
io.of('/messaging').on('connection', (socket) => {
  const me = socket.data.user;
  socket.join([`user:${me.id}`, `estate:${me.estate}`, `conversation:${me.estate}`]);
  for (const id of memberships.get(me.id) ?? []) socket.join(`conversation:${id}`);
  socket.on('estate_broadcast', (data, ack) => {
    if (me.role === 'Residence') return;
    const message = { message_id: randomUUID(), conversation_id: me.estate, sender_user_id: me.id, seq: nextSeq(me.estate), content: data.message };
    store.add(message);
    ack?.({ ok: true, messageId: message.message_id, seq: message.seq });
    io.of('/messaging').to(`estate:${me.estate}`).emit('estate_broadcast', {
      message: data.message, type: data.type, from: { userId: me.id, firstName: me.name, lastName: 'User', role: me.role },
      timestamp: new Date().toISOString(), estateId: me.estate, messageId: message.message_id, conversationId: me.estate, seq: message.seq });
  });
  socket.on('send_message', (data, ack) => {
    if (!conversations.get(data.conversationId)?.includes(me.id)) { ack?.({ ok: false, error: { code: 'forbidden' } }); return; }
    const now = new Date().toISOString();
    const message = { message_id: randomUUID(), conversation_id: data.conversationId, sender_user_id: me.id, type: data.type, content: data.content,
      metadata: null, reply_to_message_id: null, status: 'sent', edited_at: null, deleted_at: null, created_at: now, updated_at: now,
      seq: nextSeq(data.conversationId), client_message_id: data.clientMessageId,
      sender: { user_id: me.id, first_name: me.name, last_name: 'User', profile_picture_url: null } };
    store.add(message);
    const receipt = { messageId: message.message_id, conversationId: data.conversationId, clientMessageId: data.clientMessageId, seq: message.seq, createdAt: now };
    ack?.({ ok: true, ...receipt });
    socket.emit('message_sent', receipt);
    io.of('/messaging').to(`conversation:${data.conversationId}`).emit('new_message', { conversationId: data.conversationId, message });
  });
});
const memberships = new Map();
for (const [id, participants] of conversations)
  for (const user of participants) memberships.set(user, [...(memberships.get(user) ?? []), id]);
http.listen(Number(port), '127.0.0.1', () => console.log(`peer (${store.kind}) is listening on http://127.0.0.1:${http.address().port}`));
process.on('SIGTERM', () => process.exit(0));
