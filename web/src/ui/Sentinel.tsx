/** Stands at the end of a list, and says when the reader comes near it. */
import { useEffect, useRef } from 'react';

/** So far below what is seen the next page is already asked for. */
const AHEAD = '400px';

export function Sentinel({ onNear }: { onNear: () => void }) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(onNear);
  useEffect(() => {
    latest.current = onNear;
  }, [onNear]);

  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) latest.current();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);

  return <div ref={element} aria-hidden="true" />;
}
