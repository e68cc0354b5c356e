/** The reactions to a message, counted by emoji, and what can be done about one's own. */
import { useState } from 'react';
import { useReadable, useVaultify, type ChatMessage } from '@vaultify/messaging';
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

/** `own`: what this user has done since the message was loaded. */
type Own = ReadonlyMap<string, boolean>;

function countReactions(message: ChatMessage, me: string | null, myName: string, own: Own): ReactionCount[] {
  const names = new Map<string, string[]>();
  const mine = new Set<string>();
  for (const { emoji, user_id, user } of message.reactions) {
    if (user_id === me) mine.add(emoji);
    else names.set(emoji, [...(names.get(emoji) ?? []), `${user.first_name} ${user.last_name}`]);
  }
  for (const [emoji, is] of own) {
    if (is) mine.add(emoji);
    else mine.delete(emoji);
  }
  const emojis = [...new Set([...message.reactions.map((r) => r.emoji), ...own.keys()])];
  return emojis
    .map((emoji) => {
      const others = names.get(emoji) ?? [];
      const isMine = mine.has(emoji);
      return {
        emoji,
        count: others.length + (isMine ? 1 : 0),
        mine: isMine,
        names: isMine ? [myName, ...others] : others,
      };
    })
    .filter(({ count }) => count > 0);
}

/** The server tells nobody of a reaction while it happens: one's own is shown at once, others' when they are loaded. */
export function useReactions(message: ChatMessage): { counts: ReactionCount[]; toggle: (emoji: string) => void } {
  const client = useVaultify();
  const me = useReadable(client.connection, undefined, (c) => c.me?.user_id ?? null);
  const t = useText();
  const toast = useToast();
  const [own, setOwn] = useState<Own>(new Map());
  const counts = countReactions(message, me, t('talk.you'), own);

  const toggle = (emoji: string) => {
    if (message.id === null) return;
    const wanted = !counts.some((c) => c.emoji === emoji && c.mine);
    const set = (value: boolean) => setOwn((before) => new Map(before).set(emoji, value));
    set(wanted);
    const done = wanted ? client.react(message.id, emoji) : client.unreact(message.id, emoji);
    done.catch(() => {
      set(!wanted);
      toast(t('talk.reaction.failed'), 'error');
    });
  };
  return { counts, toggle };
}
