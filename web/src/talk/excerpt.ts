/** A message in one line: for quotes, and for what is read aloud. */
import type { MessageType } from '@vaultify/messaging';
import type { Translate } from '../i18n';

const LENGTH_MAX = 140;

export function excerptOf(message: { content: string | null; type: MessageType }, t: Translate): string {
  const text = message.content?.trim().replace(/\s+/g, ' ') ?? '';
  if (text === '')
    return message.type === 'text' || message.type === 'system' ? '' : t(`talk.attachment.${message.type}`);
  const characters = Array.from(text.slice(0, 2 * LENGTH_MAX));
  return characters.length > LENGTH_MAX ? `${characters.slice(0, LENGTH_MAX).join('')}…` : text;
}
