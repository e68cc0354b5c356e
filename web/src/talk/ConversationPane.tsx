/** One conversation: with whom it is, its messages, who types, and where one writes. */
import { useCallback, useState } from 'react';
import {
  useConnection,
  useConversation,
  useMessages,
  type ChatMessage,
  type ConversationView,
  type QuotedMessage,
  type Thread,
} from '@vaultify/messaging';
import { useText } from '../i18n';
import { href } from '../router';
import { Notice } from '../ui';
import { Messages } from './Messages';
import { Receipts } from './Receipts';
import { TalkComposer } from './TalkComposer';
import { TalkHeader } from './TalkHeader';
import { Typing } from './Typing';
import './talk.css';

export function ConversationPane({ conversationId }: { conversationId: string }) {
  // One for each conversation: what is answered in one is not answered in another.
  return <Talk key={conversationId} conversationId={conversationId} />;
}

function Talk({ conversationId }: { conversationId: string }) {
  const conversation = useConversation(conversationId);
  const thread = useMessages(conversationId);
  const myId = useConnection().me?.user_id ?? null;
  const [replyTo, setReplyTo] = useState<QuotedMessage | null>(null);
  const [receiptsOf, setReceiptsOf] = useState<ChatMessage | null>(null);
  const reply = useCallback((message: ChatMessage) => setReplyTo(quoted(message)), []);

  if (isClosed(conversation, thread)) return <NotHere />;
  return (
    <section className="talk">
      <TalkHeader conversation={conversation} />
      <Messages
        conversationId={conversationId}
        conversation={conversation}
        onReply={reply}
        onShowReceipts={setReceiptsOf}
      />
      <footer className="talk-foot">
        <Typing conversationId={conversationId} />
        <TalkComposer conversationId={conversationId} replyTo={replyTo} onCancelReply={() => setReplyTo(null)} />
      </footer>
      {receiptsOf && <Receipts message={receiptsOf} myId={myId} onClose={() => setReceiptsOf(null)} />}
    </section>
  );
}

const quoted = ({ id, sender, content, type }: ChatMessage): QuotedMessage | null =>
  id === null ? null : { id, sender, content, type };

/** Left, never joined, or no conversation at all: the server does not say which. */
function isClosed(conversation: ConversationView | null, thread: Thread): boolean {
  return conversation === null && thread.status === 'error' && [403, 404].includes(thread.error?.status ?? 0);
}

function NotHere() {
  const t = useText();
  return (
    <section className="talk">
      <Notice
        icon="info"
        title={t('talk.notHere')}
        action={
          <a className="button button--primary" href={href({ name: 'list' })}>
            {t('talk.toList')}
          </a>
        }
      >
        {t('talk.notHereWhy')}
      </Notice>
    </section>
  );
}
