/** An image, a file, a voice message or a link as a card: it says what it is, and loads nothing by itself. */
import type { ChatMessage } from '@vaultify/messaging';
import { useFormats, useText, type Formats } from '../i18n';
import { Icon, type IconName } from '../icons/Icon';
import { attachmentOf, type Attachment } from './attachment';
import './attachment.css';

type Kind = Exclude<ChatMessage['type'], 'text' | 'system'>;

const ICONS: Readonly<Record<Kind, IconName>> = { image: 'image', file: 'file', voice: 'voice', link_preview: 'link' };

export function AttachmentCard({ kind, metadata }: { kind: Kind; metadata: ChatMessage['metadata'] }) {
  const t = useText();
  const formats = useFormats();
  const attachment = attachmentOf(metadata);
  const { name, address } = attachment;
  return (
    <div className="attachment">
      <span className="attachment-icon">
        <Icon name={ICONS[kind]} />
      </span>
      <div className="attachment-words">
        <span className="attachment-name" dir="auto">
          {name ?? t(`talk.attachment.${kind}`)}
        </span>
        <span className="attachment-facts">{factsOf(kind, attachment, t(`talk.attachment.${kind}`), formats)}</span>
        {address && (
          <a
            className="message-link"
            href={address.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            referrerPolicy="no-referrer"
          >
            {t('talk.attachment.open', { host: address.host })}
          </a>
        )}
      </div>
    </div>
  );
}

function factsOf(kind: Kind, { name, sizeBytes, durationS }: Attachment, word: string, formats: Formats): string {
  const facts = [name === null ? '' : word];
  if (durationS !== null && kind === 'voice') facts.push(formats.duration(durationS));
  if (sizeBytes !== null && kind !== 'link_preview') facts.push(formats.size(sizeBytes));
  return facts.filter(Boolean).join(' · ');
}
