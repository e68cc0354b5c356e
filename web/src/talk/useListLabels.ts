/** The texts of a conversation's list of messages; made anew at midnight, when today becomes yesterday. */
import { useEffect, useMemo, useState } from 'react';
import { useConnection, type ConversationView, type MessageListLabels } from '@vaultify/messaging';
import { useFormats, useText } from '../i18n';
import { excerptOf } from './excerpt';

export function useListLabels(conversation: ConversationView | null): Partial<MessageListLabels> {
  const t = useText();
  const formats = useFormats();
  const today = useToday();
  const { status } = useConnection();
  const waits = status === 'offline' || status === 'reconnecting' || status === 'refused';
  const other = conversation?.type === 'direct' ? conversation.title : null;
  return useMemo(
    () => ({
      messages: t('talk.messages'),
      day: (date) => formats.day(date),
      time: (date) => formats.time(date),
      newMessages: t('talk.newMessages'),
      toLatest: (count) => (count > 0 ? t('talk.toLatestNew', { count }) : t('talk.toLatest')),
      incoming: (name, text) => t('talk.incoming', { name, text: excerptOf({ content: text, type: 'text' }, t) }),
      me: t('talk.you'),
      somebody: t('talk.somebody'),
      attachment: t('talk.attachment.file'),
      deleted: t('talk.deleted'),
      edited: t('talk.edited'),
      empty: other === null ? t('talk.empty') : t('talk.emptyWith', { name: other }),
      loading: t(waits ? 'talk.loadingLater' : 'talk.loading'),
      failed: t('talk.loadFailed'),
      again: t('action.retry'),
    }),
    // `formats` reads the clock: the same date has another name tomorrow.
    [t, formats, other, today, waits],
  );
}

/** The first moment of this day; renders again when it is over. */
function useToday(): number {
  const [today, setToday] = useState(() => midnight(0));
  useEffect(() => {
    const timer = setTimeout(() => setToday(midnight(0)), midnight(1) - Date.now());
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}

function midnight(daysAhead: number): number {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysAhead).getTime();
}
