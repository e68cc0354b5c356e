/** The text of a message: its lines and blanks as they were written, and what can be followed as links. */
import { useMemo, type ReactNode } from 'react';
import { isEmojiOnly } from './emoji';
import { findLinks, type TextToken } from './links';
import './message-text.css';

interface MessageTextProps {
  text: string;
  className?: string;
  /** Stands at the end of the last line where there is room, else below it. */
  children?: ReactNode;
}

export function MessageText({ text, className = '', children }: MessageTextProps) {
  const tokens = useMemo(() => findLinks(text), [text]);
  const size = isEmojiOnly(text) ? 'message-text--large' : '';
  return (
    <p className={`message-text ${size} ${className}`} dir="auto">
      {tokens.map((token, place) => (
        <Token key={place} token={token} />
      ))}
      {children}
    </p>
  );
}

/** Where it leads is told nothing of this page. The reading direction is fixed: an address is read from its host on. */
function Token({ token }: { token: TextToken }) {
  if (token.kind === 'text') return token.text;
  const elsewhere = token.kind === 'web' ? { target: '_blank', referrerPolicy: 'no-referrer' as const } : {};
  return (
    <a className="message-link" dir="ltr" href={token.href} rel="noopener noreferrer nofollow" {...elsewhere}>
      {token.text}
    </a>
  );
}
