/** One value of the client in a component: all of it, or what `select` takes from it. */
import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { Readable } from '../core/index.js';

interface Taken<T, S> {
  from: T;
  select: (value: T) => S;
  value: S;
}

const everything = <T>(value: T) => value;

/**
 * Renders again when what `select` takes is no longer `equal` to what it took before, and not otherwise. `atFirst` is
 * what a server renders, and a browser that takes over from it; without it, what the client says then.
 */
export function useReadable<T>(readable: Readable<T>, atFirst?: T): T;
export function useReadable<T, S>(
  readable: Readable<T>,
  atFirst: T | undefined,
  select: (value: T) => S,
  equal?: (a: S, b: S) => boolean,
): S;
export function useReadable<T, S>(
  readable: Readable<T>,
  atFirst?: T,
  select: (value: T) => S = everything as unknown as (value: T) => S,
  equal: (a: S, b: S) => boolean = Object.is,
): S {
  const taken = useRef<Taken<T, S> | null>(null);
  const take = (from: T): S => {
    const last = taken.current;
    if (last && last.from === from && last.select === select) return last.value;
    const next = select(from);
    const value = last && equal(last.value, next) ? last.value : next;
    taken.current = { from, select, value };
    return value;
  };
  return useSyncExternalStore(
    useCallback((listener: () => void) => readable.subscribe(listener), [readable]),
    () => take(readable.get()),
    () => take(atFirst ?? readable.get()),
  );
}
