/** One of a few, side by side. */
import { useId } from 'react';
import './choice.css';

interface ChoiceProps<V extends string> {
  label: string;
  options: readonly { value: V; text: string; lang?: string }[];
  value: V;
  onChange(value: V): void;
}

export function Choice<V extends string>({ label, options, value, onChange }: ChoiceProps<V>) {
  const id = useId();
  return (
    <div className="choice" role="radiogroup" aria-labelledby={id}>
      <p className="choice-label" id={id}>
        {label}
      </p>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option.value} className="choice-option" lang={option.lang}>
            <input
              type="radio"
              className="choice-input"
              name={id}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
