// Whom a guide's reader meets: she welcomes whoever says "Hello everyone!", and reads what is said.
import { Client } from '../harness/client.mjs';

/** Connects `rita`; she stays until the test ends. */
export async function neighbour(t, server, rita) {
  const client = new Client(server, rita);
  t.after(() => client.close());
  client.socket.on('new_message', ({ conversationId, message }) => {
    if (message.sender_user_id === rita.id) return;
    client.emit('mark_as_read', { conversationId, messageId: message.message_id });
    if (message.content !== 'Hello everyone!') return;
    client.emit('typing', { conversationId, isTyping: true });
    client.emit('send_message', { conversationId, content: 'Welcome!', replyToMessageId: message.message_id });
  });
  return client.connected();
}
