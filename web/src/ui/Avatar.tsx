/** Somebody's picture, or the initials of a name on a colour that is always the same for it. */
import { useState } from 'react';
import { Icon, type IconName } from '../icons/Icon';
import './avatar.css';

interface AvatarProps {
  name: string;
  pictureUrl?: string | null;
  /** Instead of initials: for what is not a person. */
  icon?: IconName;
  size?: 's' | 'm' | 'l';
  /** A dot for who is here now. */
  online?: boolean;
}

const HUES = 6;
/** What is filled with the colour of the estate itself; a group of people has a colour by its name, as a person has. */
const ESTATES: ReadonlySet<IconName | undefined> = new Set(['estate', 'announcement']);

function hueOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return hash % HUES;
}

/** The first letters of the first and the last word, as a reader counts letters. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...(word ?? '')][0] ?? '').join('');
}

/** Only what is fetched safely is shown: a picture's address comes from a profile. */
function isPicture(url: string | null | undefined): url is string {
  return typeof url === 'string' && /^(https?:\/\/|\/[^/])/.test(url);
}

/** An ornament: the name stands beside it. */
export function Avatar({ name, pictureUrl, icon, size = 'm', online = false }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const shown = isPicture(pictureUrl) && pictureUrl !== broken ? pictureUrl : null;
  return (
    <span
      className={`avatar avatar--${size} avatar--hue-${ESTATES.has(icon) ? 'estate' : hueOf(name)}`}
      aria-hidden="true"
    >
      {shown ? (
        <img src={shown} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBroken(shown)} />
      ) : icon ? (
        <Icon name={icon} />
      ) : (
        initialsOf(name)
      )}
      {online && <span className="avatar-dot" />}
    </span>
  );
}
