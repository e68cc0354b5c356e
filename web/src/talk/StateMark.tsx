/** How far one's own message has come: a clock, one tick, two ticks, two coloured ones. */
import type { DeliveryState } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Icon, type IconName } from '../icons/Icon';

const ICONS: Readonly<Record<DeliveryState, IconName>> = {
  queued: 'clock',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
  failed: 'failed',
};

export function StateMark({ state }: { state: DeliveryState }) {
  const t = useText();
  return (
    <span className="state-mark" data-state={state} title={t(`talk.state.${state}`)}>
      <Icon name={ICONS[state]} label={t(`talk.state.${state}`)} />
    </span>
  );
}
