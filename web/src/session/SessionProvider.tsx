/** Signing in and out, for the whole page. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { forgetSession, keepSession, readSession, watchOtherTabs, type Session } from './session';

interface SessionActions {
  session: Session | null;
  /** A fresh token of the same user goes on where the old one ended. */
  signIn(session: Session): void;
  /** Forgets everything of the user on this device. */
  signOut(): void;
}

const SessionContext = createContext<SessionActions | null>(null);

export function useSession(): SessionActions {
  const actions = useContext(SessionContext);
  if (actions === null) throw new Error('useSession needs <SessionProvider> above it');
  return actions;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState(readSession);

  useEffect(() => watchOtherTabs(() => setSession(readSession())), []);

  const signIn = useCallback((next: Session) => {
    keepSession(next);
    setSession(next);
  }, []);
  const signOut = useCallback(() => {
    if (session) forgetSession(session);
    setSession(null);
    location.replace('#/');
  }, [session]);

  const actions = useMemo(() => ({ session, signIn, signOut }), [session, signIn, signOut]);
  return <SessionContext.Provider value={actions}>{children}</SessionContext.Provider>;
}
