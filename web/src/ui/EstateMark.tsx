/** What is the estate's own, and no group that somebody has called the same: a title is text, and never looks like this. */
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import './estate-mark.css';

interface EstateMarkProps {
  what: 'group' | 'announcements';
  /** Where there is room, in words as well. */
  named?: boolean;
}

export function EstateMark({ what, named = false }: EstateMarkProps) {
  const t = useText();
  const name = t(`estateMark.${what}`);
  return (
    <span className="estate-mark" role="img" aria-label={name} title={name}>
      <Icon name="estate" />
      {named && <span className="estate-mark-name">{name}</span>}
    </span>
  );
}
