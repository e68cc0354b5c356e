/** Where one writes what is looked for. */
import type { InputHTMLAttributes } from 'react';
import { Icon } from '../icons/Icon';
import './field.css';

interface SearchBoxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string;
  value: string;
  onChange(value: string): void;
}

export function SearchBox({ label, value, onChange, ...rest }: SearchBoxProps) {
  return (
    <span className="search">
      <Icon name="search" />
      <input
        {...rest}
        type="search"
        className="input"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        dir={value === '' ? undefined : 'auto'}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
}
