/** What is pressed: with a text, or an icon that has its text as a name. */
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Icon, type IconName } from '../icons/Icon';
import './button.css';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: IconName;
  /** Pressed once is enough: shown as under way, and not pressed again. */
  busy?: boolean;
  children: ReactNode;
}

export function Button({ look = 'plain', icon, busy = false, className = '', children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} aria-busy={busy || undefined} className={`button button--${look} ${className}`}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  icon: IconName;
  label: string;
  look?: Look;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, look = 'quiet', className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={`button button--icon button--${look} ${className}`}
    >
      <Icon name={icon} />
    </button>
  );
}
