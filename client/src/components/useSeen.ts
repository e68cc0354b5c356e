/** Calls when an element comes into sight: what stands at the end of a list and loads more. */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

/** `round` changes when more has come: an element that is then still in sight calls again. */
export function useSeen<E extends Element>(seen: () => void, round: unknown): RefObject<E | null> {
  const element = useRef<E>(null);
  const latest = useRef(seen);
  useEffect(() => {
    latest.current = seen;
  });
  useEffect(() => {
    if (!element.current || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) latest.current();
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [round]);
  return element;
}
