/** A state of a part of the page, in the middle of it: nothing here yet, or what went wrong and what helps. */
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../icons/Icon';
import './notice.css';

interface NoticeProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  /** What one can do about it. */
  action?: ReactNode;
  look?: 'plain' | 'error';
}

export function Notice({ icon, title, children, action, look = 'plain' }: NoticeProps) {
  return (
    <div className={`notice notice--${look}`} role={look === 'error' ? 'alert' : undefined}>
      <span className="notice-icon">
        <Icon name={icon} />
      </span>
      <p className="notice-title">{title}</p>
      {children && <div className="notice-text">{children}</div>}
      {action}
    </div>
  );
}
