/** In demo mode one is whom one likes. */
import { useEffect, useState } from 'react';
import { legible } from '@vaultify/messaging';
import { useText } from '../i18n';
import type { Session } from '../session/session';
import { Avatar } from '../ui';
import { byEstate, fetchDemoUsers, type DemoUser } from './demoUsers';

interface DemoUsersProps {
  stay: boolean;
  onSession(session: Session): void;
  /** Only this one; left out: all. */
  userId?: string;
}

type Found = readonly DemoUser[] | null | 'failed';

function useDemoUsers(): Found {
  const [found, setFound] = useState<Found>(null);
  useEffect(() => {
    const leaving = new AbortController();
    fetchDemoUsers(leaving.signal).then(setFound, () => {
      if (!leaving.signal.aborted) setFound('failed');
    });
    return () => leaving.abort();
  }, []);
  return found;
}

export function DemoUsers({ stay, onSession, userId }: DemoUsersProps) {
  const t = useText();
  const found = useDemoUsers();
  if (found === 'failed') return <p className="muted">{t('signIn.demoFailed')}</p>;
  const users = found?.filter((user) => userId === undefined || user.user_id === userId) ?? [];
  if (users.length === 0) return null;

  const pick = (user: DemoUser) => onSession({ token: user.token, userId: user.user_id, name: nameOf(user), stay });
  return (
    <fieldset className="demo-users">
      <legend className="demo-users-title">{t('signIn.demo')}</legend>
      <p className="demo-users-hint">{t('signIn.demoHint')}</p>
      {byEstate(users).map((estate) => (
        <div key={estate.name} className="demo-estate">
          <h3 className="demo-estate-name">
            <bdi>{estate.name}</bdi>
          </h3>
          <ul className="demo-people">
            {estate.users.map((user) => (
              <li key={user.user_id}>
                <DemoButton user={user} onPick={() => pick(user)} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </fieldset>
  );
}

const nameOf = (user: DemoUser) => legible(`${user.first_name} ${user.last_name}`);

function DemoButton({ user, onPick }: { user: DemoUser; onPick: () => void }) {
  const t = useText();
  const role = t(`role.${user.role}`);
  return (
    <button type="button" className="demo-person" onClick={onPick}>
      <Avatar name={nameOf(user)} size="s" />
      <span className="visually-hidden">{`${nameOf(user)}, ${role}`}</span>
      <bdi className="demo-person-name" aria-hidden="true">
        {nameOf(user)}
      </bdi>
      <span className="demo-person-role" aria-hidden="true">
        {role}
      </span>
    </button>
  );
}
