/** The estate's group chat, ready to use: announcements, messages, who types, and a composer. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { ClientOptions, QuotedMessage } from '../core/index.js';
import { useConnection } from '../react/useConnection.js';
import { useConversation } from '../react/useConversation.js';
import { useVaultify, VaultifyProvider } from '../react/VaultifyProvider.js';
import { BroadcastBanner } from './BroadcastBanner.js';
import { classes } from './classes.js';
import { Composer } from './Composer.js';
import { ConnectionNotice } from './ConnectionNotice.js';
import type { BannerLabels, ComposerLabels, ConnectionLabels, MessageListLabels, TypingLabels } from './labels.js';
import { MessageList } from './MessageList.js';
import { TypingIndicator } from './TypingIndicator.js';

export interface MessagingLabels {
  list?: Partial<MessageListLabels>;
  composer?: Partial<ComposerLabels>;
  typing?: Partial<TypingLabels>;
  banner?: Partial<BannerLabels>;
  connection?: Partial<ConnectionLabels>;
  /** Where the estate has no group for this user. */
  noGroup?: string;
}

export interface MessagingComponentProps {
  token: ClientOptions['token'];
  estateId: string;
  /** Origin of the server; default: the page's own. */
  url?: string;
  className?: string;
  labels?: MessagingLabels;
}

export function MessagingComponent({ token, url = '', ...props }: MessagingComponentProps): ReactElement {
  return (
    <VaultifyProvider url={url} token={token}>
      <GroupChat key={props.estateId} {...props} />
    </VaultifyProvider>
  );
}

type GroupChatProps = Omit<MessagingComponentProps, 'token' | 'url'>;

function GroupChat({ estateId, className, labels = {} }: GroupChatProps): ReactElement {
  const group = useEstateGroup(estateId);
  return (
    <section className={classes('chat', className)}>
      <ConnectionNotice labels={labels.connection} />
      <BroadcastBanner labels={labels.banner} />
      {group.failed && <p role="alert">{labels.noGroup ?? 'This estate has no conversation for you.'}</p>}
      {group.id !== null && <Talk conversationId={group.id} labels={labels} />}
    </section>
  );
}

function Talk({ conversationId, labels }: { conversationId: string; labels: MessagingLabels }): ReactElement {
  const title = useConversation(conversationId)?.title;
  const [replyTo, setReplyTo] = useState<QuotedMessage | null>(null);
  return (
    <>
      {title && (
        <h2 className="vaultify-chat-title" dir="auto">
          {title}
        </h2>
      )}
      <MessageList conversationId={conversationId} onReply={setReplyTo} labels={labels.list} />
      <TypingIndicator conversationId={conversationId} labels={labels.typing} />
      <Composer
        conversationId={conversationId}
        replyTo={replyTo}
        onCancelReply={() => setReplyTo(null)}
        labels={labels.composer}
      />
    </>
  );
}

const GROUP_ROUTE = 'GET /messaging/estate/:estateId/group';

/** The estate's group is made when it is asked for the first time. */
function useEstateGroup(estateId: string): { id: string | null; failed: boolean } {
  const client = useVaultify();
  const isOnline = useConnection().status === 'online';
  const [group, setGroup] = useState<{ id: string | null; failed: boolean }>({ id: null, failed: false });
  const isKnown = group.id !== null;
  useEffect(() => {
    if (!isOnline || isKnown) return;
    let wanted = true;
    client.rest.request(GROUP_ROUTE, { params: { estateId }, query: { participants: 1 } }).then(
      (answer) => wanted && setGroup({ id: answer.conversation_id, failed: false }),
      () => wanted && setGroup({ id: null, failed: true }),
    );
    return () => {
      wanted = false;
    };
  }, [client, estateId, isOnline, isKnown]);
  return group;
}
