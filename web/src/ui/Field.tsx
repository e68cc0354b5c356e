/** A label, what one writes into, and what is wrong with it. */
import { useId, type ReactNode } from 'react';
import { Icon } from '../icons/Icon';
import './field.css';

interface FieldIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
}

interface FieldProps {
  label: string;
  hint?: string;
  error?: string | null;
  /** Gets what ties it to label, hint and error. */
  children: (ids: FieldIds) => ReactNode;
}

export function Field({ label, hint, error = null, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <div role="alert">
        {error && (
          <p className="field-error" id={`${id}-error`}>
            <Icon name="failed" />
            {error}
          </p>
        )}
      </div>
    </div>
  );
}
