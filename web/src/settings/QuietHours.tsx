/** From when to when a user wants quiet. */
import { useEffect, useState } from 'react';
import type { Preferences } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Field, Switch } from '../ui';

type Hours = NonNullable<Preferences['quietHours']>;

interface QuietHoursProps {
  value: Hours | null;
  onChange(value: Hours | null): void;
}

const AT_FIRST: Hours = { from: '22:00', to: '07:00' };

export function QuietHours({ value, onChange }: QuietHoursProps) {
  const t = useText();
  return (
    <div className="quiet">
      <Switch
        label={t('settings.quiet')}
        hint={t('settings.quiet.hint')}
        checked={value !== null}
        onChange={(on) => onChange(on ? AT_FIRST : null)}
      />
      {value && <FromTo value={value} onChange={onChange} />}
    </div>
  );
}

/** Saved when one goes on, not while one writes. */
function FromTo({ value, onChange }: { value: Hours; onChange: (value: Hours) => void }) {
  const t = useText();
  const [written, setWritten] = useState(value);
  useEffect(() => setWritten(value), [value]);
  const isEmpty = written.from === '' || written.to === '';
  const isNone = !isEmpty && written.from === written.to;
  const isNew = written.from !== value.from || written.to !== value.to;
  const done = () => {
    if (isNew && !isEmpty && !isNone) onChange(written);
  };

  const field = (end: keyof Hours, error: string | null) => (
    <Field label={t(`settings.quiet.${end}`)} error={error}>
      {(ids) => (
        <input
          {...ids}
          type="time"
          className="input"
          value={written[end]}
          onChange={(event) => setWritten({ ...written, [end]: event.target.value })}
          onBlur={done}
        />
      )}
    </Field>
  );
  return (
    <div className="quiet-hours">
      {field('from', null)}
      {field('to', isNone ? t('settings.quiet.same') : null)}
    </div>
  );
}
