/** The page: signing in, and once somebody is, everything else. */
import { VaultifyProvider } from '@vaultify/messaging';
import { useSession } from '../session/SessionProvider';
import { storageOf } from '../session/session';
import { SignIn } from '../signin/SignIn';
import { Shell } from './Shell';

export function App() {
  const { session } = useSession();
  if (session === null) return <SignIn />;
  return (
    <VaultifyProvider key={session.userId} url="" token={session.token} storage={storageOf(session)}>
      <Shell session={session} />
    </VaultifyProvider>
  );
}
