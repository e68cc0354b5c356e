/** The one client of an app, for the hooks and components inside. */
import { createContext, useContext, useEffect, useInsertionEffect, useRef, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { createClient } from '../core/index.js';
import type { ClientOptions, ClientStorage, VaultifyClient } from '../core/index.js';
import { identityOf } from './identity.js';

const VaultifyContext = createContext<VaultifyClient | null>(null);

export interface VaultifyConnectionProps extends Pick<ClientOptions, 'url' | 'token' | 'socketOptions'> {
  /** Read when the client is made. */
  storage?: ClientStorage | null;
  client?: undefined;
  children?: ReactNode;
}

export interface VaultifyClientProps {
  /** One that the app made itself, and connects and closes itself. */
  client: VaultifyClient;
  children?: ReactNode;
}

export type VaultifyProviderProps = VaultifyConnectionProps | VaultifyClientProps;

/**
 * Makes a client for each server and person, connects it when it appears and closes it when it goes. A token that is
 * renewed, or a token function that is another one at each render, changes nothing: the latest is asked.
 */
export function VaultifyProvider(props: VaultifyProviderProps): ReactElement {
  if (props.client === undefined) return <Connected {...props} />;
  return <VaultifyContext.Provider value={props.client}>{props.children}</VaultifyContext.Provider>;
}

function Connected({ url, token, storage, socketOptions, children }: VaultifyConnectionProps): ReactElement {
  const latest = useRef(token);
  const key = `${url} ${identityOf(token)}`;
  const make = () => ({ key, client: clientOf(latest, { url, storage, socketOptions }) });
  const [made, setMade] = useState(make);
  const current = made.key === key ? made : make();
  if (current !== made) setMade(current);
  const { client } = current;

  // Before all other effects: whoever inside asks for something at once asks with this token.
  useInsertionEffect(() => {
    latest.current = token;
  }, [token]);
  useEffect(() => {
    client.connect();
    return () => client.close();
  }, [client]);
  const renewed = typeof token === 'string' ? token : null;
  useEffect(() => {
    if (client.connection.get().status === 'refused') client.retry();
  }, [client, renewed]);

  return <VaultifyContext.Provider value={client}>{children}</VaultifyContext.Provider>;
}

function clientOf(latest: { current: ClientOptions['token'] }, options: Omit<ClientOptions, 'token'>): VaultifyClient {
  return createClient({
    ...options,
    token: () => (typeof latest.current === 'function' ? latest.current() : latest.current),
  });
}

/** The client of the provider around: for what no hook does. */
export function useVaultify(): VaultifyClient {
  const client = useContext(VaultifyContext);
  if (!client) throw new Error('There is no <VaultifyProvider> around this component');
  return client;
}
