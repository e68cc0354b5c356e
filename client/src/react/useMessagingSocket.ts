/** A bare Socket.IO socket in a component: for apps that speak the events themselves. */
import { useEffect, useInsertionEffect, useMemo, useRef, useState } from 'react';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { BroadcastType, ClientOptions, MessageType } from '../core/index.js';
import { identityOf } from './identity.js';

const NAMESPACE = '/messaging';

export interface MessagingSocketOptions {
  /** Origin of the server; default: the page's own. */
  url?: string;
  /** For socket.io-client. Read when the socket is made. */
  socketOptions?: Record<string, unknown>;
}

export interface UseMessagingSocket {
  socket: Socket;
  connected: boolean;
  /** Why the server, or the network, does not let it connect; `data.code` says which refusal it was. */
  error: Error | null;
  joinEstate: (estateId: string) => void;
  leaveEstate: (estateId: string) => void;
  sendMessage: (conversationId: string, content: string, type?: Exclude<MessageType, 'system'>) => void;
  typing: (conversationId: string, isTyping: boolean) => void;
  markAsRead: (conversationId: string, messageId: string) => void;
  /** For Admin, Security Personnel and Super Admin. */
  broadcast: (message: string, type?: BroadcastType) => void;
}

/** Connects when the component appears, and closes when it goes. Needs no provider. */
export function useMessagingSocket(
  token: ClientOptions['token'],
  options: MessagingSocketOptions = {},
): UseMessagingSocket {
  const latest = useRef(token);
  useInsertionEffect(() => {
    latest.current = token;
  }, [token]);

  const url = options.url ?? '';
  const identity = identityOf(token);
  const socket = useSocket(`${url} ${identity}`, () => open(url, latest, options.socketOptions));
  const [connected, error] = useLife(socket);
  const actions = useMemo(() => actionsOf(socket), [socket]);
  return useMemo(() => ({ socket, connected, error, ...actions }), [socket, connected, error, actions]);
}

function useSocket(key: string, make: () => Socket): Socket {
  const [made, setMade] = useState(() => ({ key, socket: make() }));
  const current = made.key === key ? made : { key, socket: make() };
  if (current !== made) setMade(current);
  const { socket } = current;
  useEffect(() => {
    socket.connect();
    return () => {
      socket.disconnect();
    };
  }, [socket]);
  return socket;
}

function open(url: string, latest: { current: ClientOptions['token'] }, more?: Record<string, unknown>): Socket {
  const ask = async () => (typeof latest.current === 'function' ? latest.current() : latest.current);
  const auth = (give: (data: object) => void) =>
    // Without a token the server answers `token_missing`, and `error` says so.
    void ask().then(
      (token) => give({ token }),
      () => give({}),
    );
  return io(`${url}${NAMESPACE}`, { ...more, auth, autoConnect: false, forceNew: true });
}

function useLife(socket: Socket): [connected: boolean, error: Error | null] {
  const [life, setLife] = useState<{ of: Socket; connected: boolean; error: Error | null } | null>(null);
  useEffect(() => {
    const tell = (error: Error | null) => setLife({ of: socket, connected: socket.connected, error });
    const up = () => tell(null);
    const down = () => tell(null);
    socket.on('connect', up).on('disconnect', down).on('connect_error', tell);
    tell(null);
    return () => {
      socket.off('connect', up).off('disconnect', down).off('connect_error', tell);
    };
  }, [socket]);
  return life?.of === socket ? [life.connected, life.error] : [false, null];
}

const actionsOf = (socket: Socket) => ({
  joinEstate: (estateId: string) => void socket.emit('join_estate_group', { estateId }),
  leaveEstate: (estateId: string) => void socket.emit('leave_estate_group', { estateId }),
  sendMessage: (conversationId: string, content: string, type: MessageType = 'text') =>
    void socket.emit('send_message', { conversationId, content, type }),
  typing: (conversationId: string, isTyping: boolean) => void socket.emit('typing', { conversationId, isTyping }),
  markAsRead: (conversationId: string, messageId: string) =>
    void socket.emit('mark_as_read', { conversationId, messageId }),
  broadcast: (message: string, type: BroadcastType = 'announcement') =>
    void socket.emit('estate_broadcast', { message, type }),
});
