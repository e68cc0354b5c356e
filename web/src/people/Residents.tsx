/** The people of the estate, found by name and chosen by ticking. */
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useConnection, useResidents, type Person, type UseResidents } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Avatar, Button, SearchBox, Sentinel } from '../ui';

interface ResidentsProps {
  chosen: readonly Person[];
  onToggle(person: Person): void;
  /** Between the search and the people. */
  children?: ReactNode;
}

export function Residents({ chosen, onToggle, children }: ResidentsProps) {
  const t = useText();
  const { me } = useConnection();
  const [typed, setTyped] = useState('');
  const found = useResidents(typed.trim());
  const people = found.people.filter(({ id }) => id !== me?.user_id);
  const area = useRef<HTMLDivElement>(null);

  return (
    <div className="residents" ref={area} onKeyDown={(event) => stepThrough(event, area.current)}>
      <SearchBox label={t('new.search')} value={typed} onChange={setTyped} onKeyDown={ignoreEnter} autoFocus />
      {children}
      <div role="group" aria-label={t('new.residents')} className="residents-list" tabIndex={-1}>
        {people.map((person) => (
          <Resident
            key={person.id}
            person={person}
            chosen={chosen.some(({ id }) => id === person.id)}
            onToggle={onToggle}
          />
        ))}
        <EndOfResidents found={found} shown={people.length} search={typed.trim()} />
      </div>
    </div>
  );
}

interface ResidentProps {
  person: Person;
  chosen: boolean;
  onToggle(person: Person): void;
}

function Resident({ person, chosen, onToggle }: ResidentProps) {
  const t = useText();
  return (
    <label className="resident">
      <Avatar name={person.name} pictureUrl={person.pictureUrl} />
      <bdi className="resident-name" id={`resident-${person.id}`}>
        {person.name}
      </bdi>
      <span className="resident-role" id={`resident-${person.id}-role`}>
        {person.role && t(`role.${person.role}`)}
      </span>
      <input
        type="checkbox"
        checked={chosen}
        aria-labelledby={`resident-${person.id}`}
        aria-describedby={`resident-${person.id}-role`}
        onChange={() => onToggle(person)}
      />
    </label>
  );
}

function EndOfResidents({ found, shown, search }: { found: UseResidents; shown: number; search: string }) {
  const t = useText();
  return (
    <div className="residents-end" role="status">
      {found.status === 'error' && (
        <>
          <p>{t('new.error')}</p>
          <Button onClick={found.loadMore}>{t('action.retry')}</Button>
        </>
      )}
      {found.status === 'loading' && <p>{t('new.loading')}</p>}
      {found.status === 'ready' && found.hasMore && <Sentinel key={found.people.length} onNear={found.loadMore} />}
      {found.status === 'ready' && shown === 0 && <p>{search ? t('new.noMatch', { search }) : t('new.empty')}</p>}
      {found.status === 'ready' && shown > 0 && search !== '' && (
        <p className="visually-hidden">{t('new.found', { count: found.total })}</p>
      )}
    </div>
  );
}

/** Enter in the search is done with searching, not with choosing. */
function ignoreEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.preventDefault();
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };

/** Arrows go from the search through the people and back; Tab goes as everywhere. */
function stepThrough(event: KeyboardEvent, area: HTMLElement | null): void {
  const step = STEPS[event.key];
  if (step === undefined || !area || event.altKey || event.ctrlKey || event.metaKey) return;
  const stops = [...area.querySelectorAll<HTMLElement>('input')];
  const next = stops[stops.indexOf(document.activeElement as HTMLElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
