// A page with one list of messages and a composer, as the address says: ?url&token&conversation.
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { Composer, MessageList, useVaultify, VaultifyProvider } from '@vaultify/messaging';
import '@vaultify/messaging/style.css';
import './page.css';

const { url, token, conversation } = Object.fromEntries(new URLSearchParams(location.search));

function Talk() {
  window.client = useVaultify();
  return h('div', { className: 'vaultify-chat' }, h(MessageList, { conversationId: conversation }), h(Composer, { conversationId: conversation }));
}

createRoot(document.getElementById('root')).render(h(VaultifyProvider, { url, token }, h(Talk)));
