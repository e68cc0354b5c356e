/** What can be done with a message: answer it, react to it. Shown at the pointer, at the focus, and after a tap. */
import { useRef, useState, type KeyboardEvent } from 'react';
import { useText } from '../i18n';
import { IconButton } from '../ui';
import { OFFERED } from './reactions';
import './message-tools.css';

interface MessageToolsProps {
  onReply: () => void;
  onReact: (emoji: string) => void;
}

export function MessageTools({ onReply, onReact }: MessageToolsProps) {
  const t = useText();
  const [choosing, setChoosing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  /** What had the focus goes away with the choice. */
  const close = () => {
    setChoosing(false);
    opener.current?.focus();
  };
  const react = (emoji: string) => {
    close();
    onReact(emoji);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !choosing) return;
    event.stopPropagation();
    close();
  };
  return (
    <div className="message-tools" data-choosing={choosing} onKeyDown={pressed}>
      {choosing && <Choice onChoose={react} />}
      <IconButton
        ref={opener}
        icon="react"
        label={t('talk.react')}
        aria-expanded={choosing}
        onClick={() => setChoosing(!choosing)}
      />
      <IconButton icon="reply" label={t('talk.reply')} onClick={onReply} />
    </div>
  );
}

function Choice({ onChoose }: { onChoose: (emoji: string) => void }) {
  const t = useText();
  return (
    <div role="group" aria-label={t('talk.react')} className="reaction-choice">
      {OFFERED.map((emoji, place) => (
        <button key={emoji} type="button" autoFocus={place === 0} onClick={() => onChoose(emoji)}>
          {emoji}
        </button>
      ))}
    </div>
  );
}
