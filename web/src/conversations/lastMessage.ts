/** What a list says of a conversation's last message. */
import type { ChatMessage, ConversationView } from '@vaultify/messaging';
import type { Translate } from '../i18n';
import type { IconName } from '../icons/Icon';

export interface Preview {
  icon: IconName | null;
  /** Whose words they are, where that needs saying. */
  by: string | null;
  text: string;
}

function nameIn(metadata: ChatMessage['metadata']): string | null {
  const name = metadata?.file_name ?? metadata?.fileName ?? metadata?.name;
  return typeof name === 'string' && name !== '' ? name : null;
}

/** By kind; what was written goes before what it is. */
function whatItIs(message: ChatMessage, t: Translate): Omit<Preview, 'by'> {
  if (message.deletedAt !== null) return { icon: null, text: t('talk.deleted') };
  const content = message.content?.replace(/\s+/g, ' ').trim() ?? '';
  if (message.broadcastType === 'emergency') return { icon: 'emergency', text: content };
  if (message.broadcastType !== null) return { icon: 'announcement', text: content };
  switch (message.type) {
    case 'image':
      return { icon: 'image', text: content || t('list.image') };
    case 'file': {
      const name = nameIn(message.metadata);
      return { icon: 'file', text: content || (name ? t('list.fileNamed', { name }) : t('list.file')) };
    }
    case 'voice':
      return { icon: 'voice', text: content || t('list.voice') };
    case 'link_preview':
      return { icon: 'link', text: content || t('list.link') };
    case 'text':
    case 'system':
      return { icon: null, text: content };
  }
}

/** In a direct conversation the other one need not be named. */
export function previewOf(conversation: ConversationView, t: Translate): Preview {
  const message = conversation.lastMessage;
  if (message === null) return { icon: null, by: null, text: t('list.noMessages') };
  return { ...whatItIs(message, t), by: speakerOf(message, conversation, t) };
}

function speakerOf({ mine, sender }: ChatMessage, { type }: ConversationView, t: Translate): string | null {
  if (mine) return t('list.you');
  return type === 'direct' || sender === null ? null : t('list.by', { name: sender.firstName });
}
