/** Whether this device is called, and if it cannot be, why. */
import { useNotifications, type PushState } from '@vaultify/messaging';
import { useErrorText } from '../connection/useErrorText';
import { useText, type TextKey } from '../i18n';
import { Switch, useToast } from '../ui';

/** What a browser says of itself that no page can change. */
function reasonAgainst(permission: PushState['permission']): TextKeyWithoutPlaces | null {
  if (permission === 'denied') return 'settings.notifications.denied';
  if (permission !== 'unsupported') return null;
  if (!isSecureContext) return 'settings.notifications.insecure';
  return 'PushManager' in window ? 'settings.notifications.serverOff' : 'settings.notifications.unsupported';
}
type TextKeyWithoutPlaces = Extract<TextKey, `settings.notifications.${string}`>;

export function NotificationSwitch() {
  const t = useText();
  const errorText = useErrorText();
  const showToast = useToast();
  const { permission, enabled, enable, disable } = useNotifications();
  const against = reasonAgainst(permission);

  const change = (on: boolean) => {
    const failed = on ? t('settings.notifications.failed') : t('settings.notifications.failedOff');
    (on ? enable() : disable()).catch((error: unknown) => showToast(`${failed} ${errorText(error)}`, 'error'));
  };
  return (
    <Switch
      label={t('settings.notifications')}
      hint={t(against ?? 'settings.notifications.hint')}
      checked={enabled}
      disabled={against !== null && !enabled}
      onChange={change}
    />
  );
}
