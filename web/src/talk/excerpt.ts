/** A message in one line: for quotes, and for what is read aloud. */
import type { MessageType } from '@vaultify/messaging';
import type { Translate } from '../i18n';

const LENGTH_MAX = 140;

/** A text that has none any more was deleted. */
export function excerptOf(message: { content: string | null; type: MessageType }, t: Translate): string {
  const text = message.content?.trim().replace(/\s+/g, ' ') ?? '';
  const { content, type } = message;
  if (type === 'text' || type === 'system') {
    if (content === null) return t('talk.deleted');
  } else if (text === '') return t(`talk.attachment.${type}`);
  const characters = Array.from(text.slice(0, 2 * LENGTH_MAX));
  return characters.length > LENGTH_MAX ? `${characters.slice(0, LENGTH_MAX).join('')}…` : text;
}
