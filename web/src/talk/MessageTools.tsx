/** What can be done with a message: answer it, react to it. Shown at the pointer, at the focus, and after a tap. */
import { useState, type KeyboardEvent } from 'react';
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
  const react = (emoji: string) => {
    setChoosing(false);
    onReact(emoji);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !choosing) return;
    event.stopPropagation();
    setChoosing(false);
  };
  return (
    <div className="message-tools" data-choosing={choosing} onKeyDown={pressed}>
      {choosing && <Choice onChoose={react} />}
      <IconButton
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
