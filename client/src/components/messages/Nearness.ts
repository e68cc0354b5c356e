/** Which chunks are in sight or near it: those are rendered, the others stand as empty boxes of their height. */

/** Beyond the edge of what is seen: as far as a fast hand scrolls before the next frame. */
const MARGIN_PX = 1500;

export interface Nearness {
  /** `tell` hears at once, and whenever that changes; the answer ends it. */
  observe(element: Element, tell: (near: boolean) => void): () => void;
  close(): void;
}

/** Without an IntersectionObserver everything is near. */
export function watchNearness(scroller: Element): Nearness {
  if (typeof IntersectionObserver === 'undefined') return { observe: () => () => {}, close: () => {} };
  const told = new Map<Element, (near: boolean) => void>();
  const observer = new IntersectionObserver(
    (entries) => entries.forEach((entry) => told.get(entry.target)?.(entry.isIntersecting)),
    { root: scroller, rootMargin: `${MARGIN_PX}px 0px` },
  );
  return {
    observe(element, tell) {
      told.set(element, tell);
      observer.observe(element);
      return () => {
        told.delete(element);
        observer.unobserve(element);
      };
    },
    close: () => observer.disconnect(),
  };
}
