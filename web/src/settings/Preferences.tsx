/** What holds for the notifications of all devices: hours of quiet, the time zone that they are meant in, the language. */
import { useState } from 'react';
import { useNotifications, type Preferences as Values } from '@vaultify/messaging';
import { useErrorText } from '../connection/useErrorText';
import { useText } from '../i18n';
import { Field } from '../ui';
import { QuietHours } from './QuietHours';
import { deviceZone, languageOptions, zoneOptions } from './preferenceOptions';

type Saving = { state: 'idle' | 'saving' | 'saved' } | { state: 'failed'; reason: string };

export function Preferences() {
  const t = useText();
  const errorText = useErrorText();
  const { preferences, setPreferences } = useNotifications();
  const [saving, setSaving] = useState<Saving>({ state: 'idle' });
  if (preferences === null) return <p className="muted">{t('settings.loadFailed')}</p>;

  const save = async (change: Partial<Values>) => {
    setSaving({ state: 'saving' });
    try {
      await setPreferences(change);
      setSaving({ state: 'saved' });
    } catch (error) {
      setSaving({ state: 'failed', reason: errorText(error) });
    }
  };
  // Quiet hours are meant by the clock that one sees: the zone goes along where none is set yet.
  const saveQuiet = (quietHours: Values['quietHours']) =>
    save(quietHours && preferences.timeZone === null ? { quietHours, timeZone: deviceZone() } : { quietHours });

  return (
    <div className="preferences">
      <QuietHours value={preferences.quietHours} onChange={(quiet) => void saveQuiet(quiet)} />
      <ZoneField value={preferences.timeZone} onChange={(timeZone) => void save({ timeZone })} />
      <PushLanguageField value={preferences.locale} onChange={(locale) => void save({ locale })} />
      <p className="muted preferences-saving" role="status">
        {saving.state === 'saving' && t('settings.saving')}
        {saving.state === 'saved' && t('settings.saved')}
        {saving.state === 'failed' && t('settings.saveFailed', { reason: saving.reason })}
      </p>
    </div>
  );
}

interface ChooseProps {
  value: string | null;
  onChange(value: string | null): void;
}

function ZoneField({ value, onChange }: ChooseProps) {
  const t = useText();
  const here = deviceZone();
  return (
    <Field label={t('settings.zone')}>
      {(ids) => (
        <select
          {...ids}
          className="input"
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value || null)}
        >
          <option value="">{t('settings.zone.none')}</option>
          {zoneOptions(value).map((zone) => (
            <option key={zone} value={zone}>
              {zone === here ? t('settings.zone.device', { zone }) : zone}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function PushLanguageField({ value, onChange }: ChooseProps) {
  const t = useText();
  return (
    <Field label={t('settings.pushLanguage')}>
      {(ids) => (
        <select
          {...ids}
          className="input"
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value || null)}
        >
          <option value="">{t('settings.pushLanguage.none')}</option>
          {languageOptions(value).map(({ tag, name }) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
