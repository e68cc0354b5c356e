/**
 * Where one writes: grows with the text, and a draft waits for its return. Enter sends and Shift+Enter begins a line; on
 * a touch screen, whose keyboard has no such pair, Enter begins a line and the button sends.
 */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { FormEvent, KeyboardEvent, ReactElement, ReactNode, RefObject } from 'react';
import type { OutgoingMessage, QuotedMessage } from '../core/index.js';
import { useSetTyping } from '../react/useTyping.js';
import { useVaultify } from '../react/VaultifyProvider.js';
import { classes } from './classes.js';
import { draftOf, keepDraft } from './drafts.js';
import { COMPOSER_LABELS } from './labels.js';
import type { ComposerLabels } from './labels.js';

/** The server's limit for the text of one message, in UTF-8. */
const CONTENT_MAX_BYTES = 16 * 1024;

export interface ComposerProps {
  conversationId: string;
  /** What is answered; the preview above the text can be cancelled, also by Escape. */
  replyTo?: QuotedMessage | null;
  onCancelReply?: () => void;
  /** After the message stands in the thread; `key` is its. */
  onSent?: (key: string) => void;
  /** What stands in the field when neither this page nor the user has written there: a draft that an app has kept. */
  initialText?: string;
  /** Hears each change of the text; '' after it was sent. */
  onText?: (text: string) => void;
  /** For who may read and not write. */
  disabled?: boolean;
  autoFocus?: boolean;
  /** What stands in the button instead of its label, which is then only spoken. */
  sendIcon?: ReactNode;
  /** Beside the text: buttons of the app's own. */
  children?: ReactNode;
  className?: string;
  labels?: Partial<ComposerLabels>;
}

export function Composer(props: ComposerProps): ReactElement {
  // One for each conversation: text, focus and undo history belong to it.
  return <Writing key={props.conversationId} {...props} />;
}

function Writing(props: ComposerProps): ReactElement {
  const { replyTo = null, disabled = false } = props;
  const labels = { ...COMPOSER_LABELS, ...props.labels };
  const draft = useDraft(props);
  const textarea = useRef<HTMLTextAreaElement>(null);
  const problem = useId();
  useGrowing(textarea, draft.text);
  useEffect(() => {
    if (replyTo) textarea.current?.focus();
  }, [replyTo]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!disabled) draft.send(replyTo);
    textarea.current?.focus();
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape' && replyTo && !composes(event)) props.onCancelReply?.();
    if (sends(event)) submit(event);
  };
  return (
    <form className={classes('composer', props.className)} onSubmit={submit}>
      {replyTo && <Reply to={replyTo} labels={labels} onCancel={props.onCancelReply} />}
      <textarea
        ref={textarea}
        rows={1}
        // By what is written; a browser takes nothing for left to right, and the placeholder with it.
        dir={draft.text === '' ? undefined : 'auto'}
        enterKeyHint={isTouched() ? 'enter' : 'send'}
        aria-label={labels.message}
        aria-invalid={draft.excessBytes > 0}
        aria-describedby={draft.excessBytes > 0 ? problem : undefined}
        placeholder={labels.placeholder}
        disabled={disabled}
        autoFocus={props.autoFocus}
        value={draft.text}
        onChange={(event) => draft.write(event.target.value)}
        onKeyDown={pressed}
        onBlur={draft.rest}
      />
      {props.children}
      <button type="submit" aria-label={props.sendIcon ? labels.send : undefined} disabled={disabled || !draft.canSend}>
        {props.sendIcon ?? labels.send}
      </button>
      {draft.excessBytes > 0 && (
        <p id={problem} role="alert" className="vaultify-composer-problem">
          {labels.tooLong(draft.excessBytes)}
        </p>
      )}
    </form>
  );
}

function Reply(props: { to: QuotedMessage; labels: ComposerLabels; onCancel?: () => void }): ReactElement {
  const { to, labels } = props;
  return (
    <div className="vaultify-composer-reply">
      <span className="vaultify-quote-sender" dir="auto">
        {labels.replyingTo(to.sender?.name ?? labels.somebody)}
      </span>
      <span className="vaultify-quote-text" dir="auto">
        {to.content}
      </span>
      <button type="button" aria-label={labels.cancelReply} onClick={props.onCancel}>
        <span aria-hidden="true">×</span>
      </button>
    </div>
  );
}

// ---- the text ----

interface Draft {
  text: string;
  canSend: boolean;
  /** Of a text that is too long. */
  excessBytes: number;
  write: (text: string) => void;
  /** The user looks elsewhere. */
  rest: () => void;
  send: (replyTo: QuotedMessage | null) => void;
}

function useDraft({ conversationId, initialText = '', onText, onSent, onCancelReply }: ComposerProps): Draft {
  const client = useVaultify();
  const setTyping = useSetTyping(conversationId);
  const [text, setText] = useState(() => draftOf(client, conversationId) || initialText);
  const excessBytes = excessBytesOf(text);
  const canSend = text.trim() !== '' && excessBytes === 0;
  useEffect(() => () => setTyping(false), [setTyping]);

  const write = (next: string) => {
    setText(next);
    keepDraft(client, conversationId, next);
    onText?.(next);
    setTyping(next !== '');
  };
  const send = (replyTo: QuotedMessage | null) => {
    if (!canSend) return;
    const message: OutgoingMessage = { content: text.trim() };
    if (replyTo) message.replyTo = replyTo;
    const key = client.send(conversationId, message);
    write('');
    if (replyTo) onCancelReply?.();
    onSent?.(key);
  };
  return { text, canSend, excessBytes, write, rest: () => setTyping(false), send };
}

function excessBytesOf(text: string): number {
  // No text has more bytes than three times its length: most need not be counted at each key press.
  if (text.length * 3 <= CONTENT_MAX_BYTES) return 0;
  return Math.max(0, new TextEncoder().encode(text.trim()).length - CONTENT_MAX_BYTES);
}

function useGrowing(textarea: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = textarea.current;
    if (!element) return;
    element.style.blockSize = 'auto';
    const borders = element.offsetHeight - element.clientHeight;
    element.style.blockSize = `${element.scrollHeight + borders}px`;
  }, [textarea, text]);
}

// ---- the keyboard ----

/** Enter then ends the choice of a character, and belongs to the input method; 229 is how older Safari says so. */
const composes = (event: KeyboardEvent) => event.nativeEvent.isComposing || event.keyCode === 229;

const isTouched = () => globalThis.matchMedia?.('(hover: none) and (pointer: coarse)').matches ?? false;

const sends = (event: KeyboardEvent) =>
  event.key === 'Enter' &&
  !isTouched() &&
  !event.shiftKey &&
  !event.altKey &&
  !event.ctrlKey &&
  !event.metaKey &&
  !composes(event);
