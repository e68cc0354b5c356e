/** The reactions to a message, counted by emoji, and what can be done about one's own. */
import { legible, useReadable, useVaultify, type ChatMessage } from '@vaultify/messaging';
import { useText } from '../i18n';
import { useToast } from '../ui';

/** What is offered; whatever others reacted with can be joined as well. */
export const OFFERED = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

export interface ReactionCount {
  emoji: string;
  count: number;
  mine: boolean;
  names: readonly string[];
}

function countReactions({ reactions }: ChatMessage, me: string | null, myName: string): ReactionCount[] {
  const counts = new Map<string, ReactionCount & { names: string[] }>();
  for (const { emoji, user_id, user } of reactions) {
    const count = counts.get(emoji) ?? { emoji, count: 0, mine: false, names: [] };
    counts.set(emoji, count);
    count.count++;
    if (user_id !== me) count.names.push(legible(`${user.first_name} ${user.last_name}`));
    else {
      count.mine = true;
      count.names.unshift(myName);
    }
  }
  return [...counts.values()];
}

/** The server tells nobody of a reaction while it happens: one's own is shown at once, others' when they are loaded. */
export function useReactions(message: ChatMessage): { counts: ReactionCount[]; toggle: (emoji: string) => void } {
  const client = useVaultify();
  const me = useReadable(client.connection, undefined, (c) => c.me?.user_id ?? null);
  const t = useText();
  const toast = useToast();
  const counts = countReactions(message, me, t('talk.you'));

  const toggle = (emoji: string) => {
    if (message.id === null) return;
    const isMine = counts.some((c) => c.emoji === emoji && c.mine);
    const done = isMine ? client.unreact(message.id, emoji) : client.react(message.id, emoji);
    done.catch(() => toast(t('talk.reaction.failed'), 'error'));
  };
  return { counts, toggle };
}
