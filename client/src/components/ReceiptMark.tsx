/** How far one's own message has come: waiting, sent, delivered, read, or not sent. */
import type { ReactElement, ReactNode } from 'react';
import type { DeliveryState } from '../core/index.js';
import { classes } from './classes.js';
import { MESSAGE_LIST_LABELS } from './labels.js';

const MARKS: Record<DeliveryState, string> = { queued: '…', sent: '✓', delivered: '✓✓', read: '✓✓', failed: '!' };

export interface ReceiptMarkProps {
  state: DeliveryState;
  className?: string;
  label?: (state: DeliveryState) => string;
  /** What is seen instead of the ticks. */
  children?: ReactNode;
}

export function ReceiptMark({
  state,
  className,
  label = MESSAGE_LIST_LABELS.state,
  children,
}: ReceiptMarkProps): ReactElement {
  return (
    <span role="img" aria-label={label(state)} className={classes('receipt', className)} data-state={state}>
      {children ?? MARKS[state]}
    </span>
  );
}
