/** Who else types, spoken politely; an empty status when nobody does. */
import type { ReactElement } from 'react';
import { useTyping } from '../react/useTyping.js';
import { classes } from './classes.js';
import { TYPING_LABELS } from './labels.js';
import type { TypingLabels } from './labels.js';

export interface TypingIndicatorProps {
  conversationId: string;
  className?: string;
  labels?: Partial<TypingLabels>;
}

export function TypingIndicator({ conversationId, className, labels }: TypingIndicatorProps): ReactElement {
  const { typing } = useTyping(conversationId);
  const text = { ...TYPING_LABELS, ...labels };
  return (
    <div role="status" className={classes('typing', className)} data-typing={typing.length > 0}>
      {text.typing(typing)}
    </div>
  );
}
