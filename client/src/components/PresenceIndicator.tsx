/** Whether somebody is online. */
import type { ReactElement, ReactNode } from 'react';
import { useIsOnline } from '../react/usePresence.js';
import { classes } from './classes.js';
import { PRESENCE_LABELS } from './labels.js';
import type { PresenceLabels } from './labels.js';

export interface PresenceIndicatorProps {
  userId: string;
  className?: string;
  labels?: Partial<PresenceLabels>;
  /** What is seen; default: nothing but what a style sheet makes of `data-online`. */
  children?: (online: boolean) => ReactNode;
}

export function PresenceIndicator({ userId, className, labels, children }: PresenceIndicatorProps): ReactElement {
  const online = useIsOnline(userId);
  const text = { ...PRESENCE_LABELS, ...labels };
  return (
    <span
      role="img"
      aria-label={online ? text.online : text.offline}
      className={classes('presence', className)}
      data-online={online}
    >
      {children?.(online)}
    </span>
  );
}
