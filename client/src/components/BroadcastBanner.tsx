/** Announcements that have just come; an emergency stands before everything else until it is acknowledged. */
import { useId, useLayoutEffect, useRef, useState } from 'react';
import type { ReactElement, SyntheticEvent } from 'react';
import type { Broadcast } from '../core/index.js';
import { useEstateBroadcasts } from '../react/useEstateBroadcasts.js';
import { classes } from './classes.js';
import { BANNER_LABELS } from './labels.js';
import type { BannerLabels } from './labels.js';

export interface BroadcastBannerProps {
  /** Leaves all but emergencies to the app. */
  emergenciesOnly?: boolean;
  className?: string;
  labels?: Partial<BannerLabels>;
}

export function BroadcastBanner({ emergenciesOnly = false, className, labels }: BroadcastBannerProps): ReactElement {
  const { broadcasts, emergencies, acknowledge } = useEstateBroadcasts();
  const [news, dismiss] = useNews(broadcasts);
  const text = { ...BANNER_LABELS, ...labels };
  const emergency = emergencies[0];
  return (
    <>
      {emergency && (
        <Emergency
          key={emergency.messageId}
          broadcast={emergency}
          waiting={emergencies.length - 1}
          onSeen={() => acknowledge(emergency.messageId)}
          className={className}
          labels={text}
        />
      )}
      {!emergenciesOnly && (
        <div role="status" className={classes('banner-place', className)}>
          {news && <News broadcast={news} onDismiss={dismiss} labels={text} />}
        </div>
      )}
    </>
  );
}

// ---- emergencies ----

interface EmergencyProps {
  broadcast: Broadcast;
  waiting: number;
  onSeen: () => void;
  className?: string;
  labels: BannerLabels;
}

function Emergency({ broadcast, waiting, onSeen, className, labels }: EmergencyProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const words = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    show(element);
    return () => element.close?.(); // focus goes back to where it was
  }, []);

  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-modal="true"
      aria-labelledby={title}
      aria-describedby={words}
      className={classes('emergency', className)}
      onCancel={(event: SyntheticEvent) => event.preventDefault()}
      // A browser closes a dialog at the second Escape without asking.
      onClose={(event: SyntheticEvent<HTMLDialogElement>) => show(event.currentTarget)}
    >
      <h2 id={title}>{labels.emergency}</h2>
      <p id={words} className="vaultify-emergency-text" dir="auto">
        {broadcast.message}
      </p>
      <p className="vaultify-emergency-from">{labels.from(broadcast.from.name, new Date(broadcast.timestamp))}</p>
      {waiting > 0 && <p className="vaultify-emergency-waiting">{labels.waiting(waiting)}</p>}
      <button type="button" autoFocus onClick={onSeen}>
        {labels.acknowledge}
      </button>
    </dialog>
  );
}

/** As a modal dialog the rest of the page is out of reach; where there is none, it stands open at its place. */
function show(dialog: HTMLDialogElement): void {
  if (!dialog.isConnected || dialog.open) return;
  if (dialog.showModal) dialog.showModal();
  else dialog.setAttribute('open', '');
}

// ---- everything else ----

/** The newest announcement since the component is there that nobody has dismissed. */
function useNews(broadcasts: readonly Broadcast[]): [news: Broadcast | null, dismiss: () => void] {
  const [since] = useState(() => new Date().toISOString());
  const [dismissed, setDismissed] = useState('');
  const newest = broadcasts.find((b) => b.type !== 'emergency');
  const isNews = newest && newest.timestamp > since && newest.timestamp > dismissed;
  return [isNews ? newest : null, () => setDismissed(newest?.timestamp ?? '')];
}

interface NewsProps {
  broadcast: Broadcast;
  onDismiss: () => void;
  labels: BannerLabels;
}

function News({ broadcast, onDismiss, labels }: NewsProps): ReactElement {
  return (
    <div className="vaultify-banner" data-kind={broadcast.type}>
      <strong>{labels.kind(broadcast.type)}</strong>
      <span dir="auto">{broadcast.message}</span>
      <button type="button" onClick={onDismiss}>
        {labels.dismiss}
      </button>
    </div>
  );
}
