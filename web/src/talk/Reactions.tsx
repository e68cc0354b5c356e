/** Below a message: each reaction with its number; pressed, one's own is added or taken back. */
import { useFormats, useText } from '../i18n';
import type { ReactionCount } from './reactions';
import './reactions.css';

const NAMES_MAX = 10;

interface ReactionsProps {
  counts: readonly ReactionCount[];
  onToggle: (emoji: string) => void;
}

export function Reactions({ counts, onToggle }: ReactionsProps) {
  const t = useText();
  const formats = useFormats();
  if (counts.length === 0) return null;
  return (
    <ul className="reactions" aria-label={t('talk.reactions')}>
      {counts.map(({ emoji, count, mine, names }) => (
        <li key={emoji}>
          <button
            type="button"
            className="reaction"
            aria-pressed={mine}
            aria-label={t('talk.reaction.count', { emoji, count })}
            title={names.slice(0, NAMES_MAX).join(', ')}
            onClick={() => onToggle(emoji)}
          >
            <span aria-hidden="true">{emoji}</span>
            <span aria-hidden="true">{formats.number(count)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
