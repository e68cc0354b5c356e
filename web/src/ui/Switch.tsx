/** On or off, at once. */
import { useId } from 'react';
import './switch.css';

interface SwitchProps {
  label: string;
  /** What it does, or why it cannot. */
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}

export function Switch({ label, hint, checked, disabled = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <label htmlFor={id} className="switch-label">
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="switch-hint">
          {hint}
        </p>
      )}
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="switch-input"
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}
