/** With whom to talk: one is a direct conversation, several are a group. */
import { useRef, useState, type FormEvent } from 'react';
import { useConversations, type Person } from '@vaultify/messaging';
import { useErrorText } from '../connection/useErrorText';
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { Button, Dialog, Field } from '../ui';
import { Residents } from './Residents';
import './newConversation.css';

interface NewConversationProps {
  onClose(): void;
  onOpen(conversationId: string): void;
}

/** As long as the server takes it. */
const TITLE_MAX = 200;

export function NewConversation({ onClose, onOpen }: NewConversationProps) {
  const t = useText();
  const errorText = useErrorText();
  const { createDirect, createGroup } = useConversations();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [title, setTitle] = useState('');
  const [titleError, setTitleError] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const titleInput = useRef<HTMLInputElement>(null);
  const isGroup = chosen.length > 1;

  const toggle = (person: Person) => {
    setError(null);
    setChosen((now) => (now.some(({ id }) => id === person.id) ? without(now, person) : [...now, person]));
  };
  const start = async () => {
    const [first] = chosen;
    if (!first) return setError(t('new.nobody'));
    if (isGroup && title.trim() === '') {
      setTitleError(t('new.groupNameMissing'));
      titleInput.current?.focus();
      return;
    }
    setStarting(true);
    try {
      const ids = chosen.map(({ id }) => id);
      const conversation = await (isGroup ? createGroup(title.trim(), ids) : createDirect(first.id));
      onClose();
      onOpen(conversation.id);
    } catch (refusal) {
      setError(errorText(refusal));
      setStarting(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!starting) void start();
  };

  return (
    <Dialog title={t('new.title')} className="new-dialog" onClose={onClose}>
      <form className="new" onSubmit={submit} noValidate>
        <Residents chosen={chosen} onToggle={toggle}>
          <Chosen chosen={chosen} onRemove={toggle} />
        </Residents>
        <div className="new-foot">
          {isGroup && (
            <Field label={t('new.groupName')} error={titleError}>
              {(ids) => (
                <input
                  {...ids}
                  ref={titleInput}
                  className="input"
                  dir={title === '' ? undefined : 'auto'}
                  maxLength={TITLE_MAX}
                  value={title}
                  onChange={(event) => {
                    setTitle(event.target.value);
                    setTitleError(null);
                  }}
                />
              )}
            </Field>
          )}
          <div role="alert">
            {error !== null && (
              <p className="field-error">
                <Icon name="failed" />
                {error}
              </p>
            )}
          </div>
          <Button type="submit" look="primary" busy={starting}>
            {t('new.start')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function without(people: readonly Person[], gone: Person): readonly Person[] {
  return people.filter(({ id }) => id !== gone.id);
}

/** Also of those whom the search no longer shows. */
function Chosen({ chosen, onRemove }: { chosen: readonly Person[]; onRemove: (person: Person) => void }) {
  const t = useText();
  return (
    <ul className="chosen">
      {chosen.map((person) => (
        <li key={person.id}>
          <button
            type="button"
            className="chosen-person"
            aria-label={t('new.remove', { name: person.name })}
            onClick={() => onRemove(person)}
          >
            <bdi>{person.name}</bdi>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
