/** The messages of a conversation, as the page shows them. */
import { useCallback, useMemo, useRef } from 'react';
import {
  MessageList,
  useMessages,
  type ChatMessage,
  type ConversationView,
  type MessageListHandle,
  type MessagePlace,
} from '@vaultify/messaging';
import { Message, type MessageActions } from './Message';
import { useListLabels } from './useListLabels';
import { useRoles } from './useRoles';
import { useSeek } from './useSeek';

interface MessagesProps {
  conversationId: string;
  conversation: ConversationView | null;
  onReply: (message: ChatMessage) => void;
  onShowReceipts: (message: ChatMessage) => void;
}

export function Messages({ conversationId, conversation, onReply, onShowReceipts }: MessagesProps) {
  const list = useRef<MessageListHandle>(null);
  const labels = useListLabels(conversation);
  const { resend, discard } = useMessages(conversationId);
  const seek = useSeek(conversationId, list);
  const actions = useMemo<MessageActions>(
    () => ({ reply: onReply, seek, showReceipts: onShowReceipts, resend, discard }),
    [onReply, seek, onShowReceipts, resend, discard],
  );
  const inGroup = conversation?.type === 'group';
  const roles = useRoles(conversation);
  const renderMessage = useCallback(
    (message: ChatMessage, place: MessagePlace) => (
      <Message message={message} place={place} inGroup={inGroup} roles={roles} actions={actions} />
    ),
    [inGroup, roles, actions],
  );
  return (
    <MessageList
      handle={list}
      conversationId={conversationId}
      className="talk-messages"
      labels={labels}
      renderMessage={renderMessage}
    />
  );
}
