/** Says truly whether the server is reached, whenever it is not. */
import type { ReactElement } from 'react';
import { useConnection } from '../react/useConnection.js';
import { classes } from './classes.js';
import { CONNECTION_LABELS } from './labels.js';
import type { ConnectionLabels } from './labels.js';

export interface ConnectionNoticeProps {
  className?: string;
  labels?: Partial<ConnectionLabels>;
}

export function ConnectionNotice({ className, labels }: ConnectionNoticeProps): ReactElement {
  const { status, retry } = useConnection();
  const text = { ...CONNECTION_LABELS, ...labels };
  const canRetry = status === 'refused' || status === 'reconnecting';
  return (
    <div role="status" className={classes('connection', className)} data-connection={status}>
      {status !== 'online' && text.status(status)}
      {canRetry && (
        <button type="button" onClick={retry}>
          {text.retry}
        </button>
      )}
    </div>
  );
}
