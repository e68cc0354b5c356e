/** An access token is pasted, and asked whether it is good. */
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { useErrorText } from '../connection/useErrorText';
import { useText } from '../i18n';
import type { Session } from '../session/session';
import { Button, Field } from '../ui';
import { askWhose, cleaned } from './askWhose';

interface TokenFormProps {
  stay: boolean;
  onSession(session: Session): void;
  /** Null: this session will do; else why not. */
  refuse?: (session: Session) => string | null;
  children?: ReactNode;
}

export function TokenForm({ stay, onSession, refuse, children }: TokenFormProps) {
  const t = useText();
  const errorText = useErrorText();
  const [pasted, setPasted] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const ask = async () => {
    if (asking) return;
    const token = cleaned(pasted);
    if (token === '') return setError(t('signIn.tokenMissing'));
    setAsking(true);
    try {
      const session = await askWhose(token, stay);
      const refused = refuse?.(session) ?? null;
      setError(refused);
      if (refused === null) onSession(session);
    } catch (refusal) {
      setError(errorText(refusal));
    } finally {
      setAsking(false);
    }
  };
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    void ask();
  };
  // A token has no lines: Enter is done with it.
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) submit(event);
  };

  return (
    <form className="token-form" onSubmit={submit} noValidate>
      <Field label={t('signIn.token')} hint={t('signIn.tokenHint')} error={error}>
        {(ids) => (
          <textarea
            {...ids}
            className="input token-form-token"
            rows={3}
            dir="ltr"
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
            onKeyDown={pressed}
          />
        )}
      </Field>
      {children}
      <Button type="submit" look="primary" busy={asking}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
