/** A fresh token for who is signed in already: nothing of what was written is lost. */
import { useText } from '../i18n';
import type { Session } from '../session/session';
import { useSession } from '../session/SessionProvider';
import { Dialog } from '../ui';
import { DemoUsers } from './DemoUsers';
import { TokenForm } from './TokenForm';
import './signIn.css';

export function SignInAgain({ session, onClose }: { session: Session; onClose: () => void }) {
  const t = useText();
  const { signIn } = useSession();
  const done = (fresh: Session) => {
    signIn(fresh);
    onClose();
  };
  const refuse = (fresh: Session) =>
    fresh.userId === session.userId ? null : t('signIn.otherUser', { other: fresh.name });
  return (
    <Dialog title={t('signIn.again.title')} onClose={onClose}>
      <div className="sign-in-again">
        <p>{t('signIn.again.text', { name: session.name })}</p>
        <TokenForm stay={session.stay} onSession={done} refuse={refuse} />
        <DemoUsers stay={session.stay} onSession={done} userId={session.userId} />
      </div>
    </Dialog>
  );
}
