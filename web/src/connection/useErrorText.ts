/** What went wrong, in the page's language. */
import { useCallback } from 'react';
import { useText, type TextKey } from '../i18n';
import { shell } from '../i18n/en/shell';

type ErrorKey = Extract<TextKey, `error.${string}`>;
type PlainErrorKey = Exclude<ErrorKey, 'error.other'>;

function isPlainErrorKey(key: string): key is PlainErrorKey {
  return key !== 'error.other' && Object.hasOwn(shell, key);
}

/** Of whatever was thrown: the server's refusals and the client's own errors carry a code. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'unknown';
}

export function useErrorText(): (error: unknown) => string {
  const t = useText();
  return useCallback(
    (error) => {
      const code = codeOf(error);
      const key = `error.${code}`;
      return isPlainErrorKey(key) ? t(key) : t('error.other', { code });
    },
    [t],
  );
}
