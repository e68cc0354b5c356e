/** Who of a group has read a message of mine, who has it and not read it yet, and who has not got it. */
import { useConversation, useReadReceipts, type ChatMessage, type Participant } from '@vaultify/messaging';
import { useText, type TextKey } from '../i18n';
import { Avatar, Dialog } from '../ui';
import './receipts.css';

interface ReceiptsProps {
  message: ChatMessage;
  myId: string | null;
  onClose: () => void;
}

export function Receipts({ message, myId, onClose }: ReceiptsProps) {
  const t = useText();
  const conversation = useConversation(message.conversationId);
  const { readBy, deliveredTo } = useReadReceipts(message.conversationId);
  const seq = message.seq ?? Infinity;
  const read = new Set(readBy(seq));
  const got = new Set(deliveredTo(seq));
  const others = (conversation?.participants ?? []).filter((person) => person.id !== myId);
  const isCounted = (conversation?.participantCount ?? 0) <= (conversation?.participants.length ?? 0);
  return (
    <Dialog title={t('talk.receipts.title')} onClose={onClose}>
      {isCounted ? (
        <>
          <People title="talk.receipts.read" people={others.filter((p) => read.has(p))} />
          <People title="talk.receipts.delivered" people={others.filter((p) => got.has(p) && !read.has(p))} />
          <People title="talk.receipts.waiting" people={others.filter((p) => !got.has(p))} />
        </>
      ) : (
        <p>{t('talk.receipts.nobody')}</p>
      )}
    </Dialog>
  );
}

type Title = TextKey & `talk.receipts.${'read' | 'delivered' | 'waiting'}`;

function People({ title, people }: { title: Title; people: readonly Participant[] }) {
  const t = useText();
  if (people.length === 0) return null;
  return (
    <section className="receipts">
      <h3>{t(title, { count: people.length })}</h3>
      <ul>
        {people.map((person) => (
          <li key={person.id}>
            <Avatar name={person.name} pictureUrl={person.pictureUrl} size="s" />
            <bdi>{person.name}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
