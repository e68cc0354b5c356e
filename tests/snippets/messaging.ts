// Send message
socket.emit('send_message', {
  conversationId: 'conversation-uuid',
  content: 'Hello everyone!',
  type: 'text'
});

// Listen for new messages
socket.on('new_message', (data) => {
  console.log('New message:', data);
});

// Typing indicators
socket.emit('typing', {
  conversationId: 'conversation-uuid',
  isTyping: true
});
