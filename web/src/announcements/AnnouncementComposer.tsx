/** Where one announces something: a text, its kind, and for an emergency a second, deliberate step. */
import { useId, useState, type FormEvent } from 'react';
import { useEstateBroadcasts, type BroadcastType } from '@vaultify/messaging';
import { useFormats, useText } from '../i18n';
import { useSession } from '../session/SessionProvider';
import { readDraft, writeDraft } from '../talk/drafts';
import { Button, useToast } from '../ui';
import { ConfirmEmergency } from './ConfirmEmergency';
import { kindNames, kindOf, kinds } from './kinds';
import './announcement-composer.css';

/** The server's limit for one message, in UTF-8. */
const TEXT_MAX_BYTES = 16 * 1024;

export function AnnouncementComposer({ estateName }: { estateName: string | null }) {
  const t = useText();
  const draft = useAnnouncement();
  const { text, kind, problem } = draft;
  const id = useId();
  const [confirming, setConfirming] = useState(false);
  const excess = useExcess(text);
  const canAnnounce = text.trim() !== '' && excess === null && !draft.busy;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!canAnnounce) return;
    if (kind === 'emergency') setConfirming(true);
    else void draft.announce();
  };
  const confirmed = () => {
    setConfirming(false);
    void draft.announce();
  };

  return (
    <form className={`announce announce--${kindOf(kind).look}`} onSubmit={submit}>
      <label className="announce-label" htmlFor={`${id}-text`}>
        {t('announce.text')}
      </label>
      <textarea
        id={`${id}-text`}
        dir={text === '' ? undefined : 'auto'}
        rows={3}
        value={text}
        placeholder={t('announce.placeholder')}
        aria-invalid={excess !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => draft.setText(event.target.value)}
      />
      <p id={`${id}-hint`} className="announce-hint" data-problem={excess !== null}>
        {excess ?? t(kind === 'emergency' ? 'announce.emergencyHint' : 'announce.hint')}
      </p>
      <div className="announce-row">
        <label className="announce-label" htmlFor={`${id}-kind`}>
          {t('announce.kind')}
        </label>
        <select
          id={`${id}-kind`}
          className="input"
          value={kind}
          onChange={(event) => draft.setKind(kindNames.find((name) => name === event.target.value) ?? 'announcement')}
        >
          {kindNames.map((name) => (
            <option key={name} value={name}>
              {t(kinds[name].name)}
            </option>
          ))}
        </select>
        <Button
          type="submit"
          look={kind === 'emergency' ? 'danger' : 'primary'}
          icon={kindOf(kind).icon}
          busy={draft.busy}
          disabled={!canAnnounce}
        >
          {t('announce.send')}
        </Button>
      </div>
      {problem && (
        <p role="alert" className="announce-problem">
          {problem}
        </p>
      )}
      {confirming && (
        <ConfirmEmergency
          text={text}
          estateName={estateName}
          onConfirm={confirmed}
          onCancel={() => setConfirming(false)}
        />
      )}
    </form>
  );
}

/** The text stays until the server has it: nobody writes an emergency twice. */
function useAnnouncement() {
  const t = useText();
  const toast = useToast();
  const { broadcast } = useEstateBroadcasts();
  const userId = useSession().session?.userId ?? '';
  const [text, write] = useState(() => readDraft(userId, 'announcement'));
  const setText = (next: string) => {
    write(next);
    writeDraft(userId, 'announcement', next);
  };
  const [kind, setKind] = useState<BroadcastType>('announcement');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const announce = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await broadcast(text.trim(), kind);
      setText('');
      setKind('announcement');
      toast(t('announce.done'));
    } catch {
      setProblem(t('announce.failed'));
    } finally {
      setBusy(false);
    }
  };
  return { text, setText, kind, setKind, busy, problem, announce };
}

/** In words, by how much a text is too long. */
function useExcess(text: string): string | null {
  const t = useText();
  const formats = useFormats();
  if (text.length * 3 <= TEXT_MAX_BYTES) return null;
  const excess = new TextEncoder().encode(text.trim()).length - TEXT_MAX_BYTES;
  return excess > 0 ? t('talk.composer.tooLong', { size: formats.size(excess) }) : null;
}
