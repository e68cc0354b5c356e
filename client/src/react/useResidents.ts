/** The active people of the estate, by name, a page at a time. */
import { useCallback, useEffect, useMemo, useReducer } from 'react';
import type { Person } from '../core/index.js';
import { CONNECTION_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

/** So long nobody has typed on before the server is asked. */
const PAUSE_MS = 200;

export interface UseResidents {
  people: readonly Person[];
  status: 'loading' | 'ready' | 'error';
  total: number;
  hasMore: boolean;
  /** The next page; after an error, the same page again. */
  loadMore: () => void;
}

interface State {
  search: string;
  /** How many pages are wanted. */
  wanted: number;
  /** How many stand in `people`. */
  loaded: number;
  people: readonly Person[];
  total: number;
  hasMore: boolean;
  failed: boolean;
}

type Action =
  | { type: 'search'; search: string }
  | { type: 'more' }
  | { type: 'page'; page: number; people: readonly Person[]; total: number; hasMore: boolean }
  | { type: 'failed' };

const begin = (search: string): State => ({
  search,
  wanted: 1,
  loaded: 0,
  people: [],
  total: 0,
  hasMore: false,
  failed: false,
});

function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'search':
      return begin(action.search);
    case 'more':
      return state.failed || (state.hasMore && state.wanted === state.loaded)
        ? { ...state, wanted: state.loaded + 1, failed: false }
        : state;
    case 'page':
      return {
        ...state,
        loaded: action.page,
        people: append(state.people, action.people),
        total: action.total,
        hasMore: action.hasMore,
      };
    case 'failed':
      return { ...state, failed: true };
  }
}

/** Pages shift when people come and go: nobody stands there twice. */
function append(before: readonly Person[], page: readonly Person[]): readonly Person[] {
  const known = new Set(before.map((p) => p.id));
  return [...before, ...page.filter((p) => !known.has(p.id))];
}

/** `search` is a part of a name; '' finds everybody. */
export function useResidents(search: string): UseResidents {
  const client = useVaultify();
  const [kept, dispatch] = useReducer(reduce, search, begin);
  const state = kept.search === search ? kept : begin(search);
  if (state !== kept) dispatch({ type: 'search', search });

  const page = state.wanted;
  const waiting = state.loaded < page && !state.failed;
  // Whose estate it is the server says.
  const isSignedIn = useReadable(client.connection, CONNECTION_AT_FIRST, (c) => c.me !== null);
  useEffect(() => {
    if (!waiting || !isSignedIn) return;
    let current = true;
    const ask = () =>
      client.residents(search, page).then(
        (found) => current && dispatch({ type: 'page', page, ...found }),
        () => current && dispatch({ type: 'failed' }),
      );
    const timer = setTimeout(ask, search && page === 1 ? PAUSE_MS : 0);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, search, page, waiting, isSignedIn]);

  const loadMore = useCallback(() => dispatch({ type: 'more' }), []);
  return useMemo(() => {
    const { people, total, hasMore, failed } = state;
    return { people, total, hasMore, status: failed ? 'error' : waiting ? 'loading' : 'ready', loadMore };
  }, [state, waiting, loadMore]);
}
