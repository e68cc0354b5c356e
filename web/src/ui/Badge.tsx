/** How many are new. */
import { useFormats } from '../i18n';
import './badge.css';

const MOST = 99;

/** `label` says it in words, such as "3 unread messages". Muted: it counts, and does not call. */
export function Badge({ count, label, muted = false }: { count: number; label: string; muted?: boolean }) {
  const formats = useFormats();
  if (count === 0) return null;
  return (
    <span className={`badge ${muted ? 'badge--muted' : ''}`}>
      <span aria-hidden="true">{count > MOST ? `${formats.number(MOST)}+` : formats.number(count)}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
