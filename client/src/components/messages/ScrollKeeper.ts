/**
 * Keeps what is read where it is, whatever changes around it: the end if the reader is there, else the first message in
 * sight. It does what `overflow-anchor` does, also where a browser has none.
 */

/** So near the end a reader is at it. */
const END_PX = 40;

export interface ScrollKeeper {
  /** To the end, and from now on with it. */
  toEnd(): void;
  /** So that `element` stands a fifth below the upper edge. */
  toElement(element: Element): void;
  /** After a change in the document: puts right what has moved. */
  keep(): void;
  close(): void;
}

interface Anchor {
  element: Element;
  /** From the upper edge of all that scrolls, what stands above the content included: scrolling does not change it. */
  topPx: number;
}

/** `content` is the scroller's only child, its children are the chunks; `moved` hears of each move, the reader's too. */
export function keepScroll(scroller: Element, content: Element, moved: (atEnd: boolean) => void): ScrollKeeper {
  let atEnd = true;
  let anchor: Anchor | null = null;

  const topOf = (element: Element) =>
    element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  const keep = () => {
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
    else if (anchor?.element.isConnected) {
      const movedPx = topOf(anchor.element) - anchor.topPx;
      if (movedPx !== 0) scroller.scrollTop += movedPx;
    }
    remember();
  };
  const remember = () => {
    const element = firstInSight(scroller, content);
    anchor = element && { element, topPx: topOf(element) };
  };
  const look = () => {
    atEnd = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= END_PX;
    moved(atEnd);
  };
  const scrolled = () => {
    // What has changed since the last frame is put right first: `look` would take it for the reader's doing.
    if (!atEnd) keep();
    look();
    remember();
  };

  scroller.addEventListener('scroll', scrolled, { passive: true });
  const resized = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(keep);
  resized?.observe(scroller);
  resized?.observe(content);
  return {
    toEnd() {
      atEnd = true;
      keep();
      moved(true);
    },
    toElement(element) {
      scroller.scrollTop = topOf(element) - scroller.clientHeight / 5;
      look();
      remember();
    },
    keep,
    close() {
      scroller.removeEventListener('scroll', scrolled);
      resized?.disconnect();
    },
  };
}

/** The first message whose end is below the upper edge; in a chunk that is not rendered, the chunk. */
function firstInSight(scroller: Element, content: Element): Element | null {
  const edge = scroller.getBoundingClientRect().top;
  const chunk = firstBelow(content.children, edge);
  return (chunk && firstBelow(chunk.children, edge)) ?? chunk;
}

/** By halves: elements stand one below the other. */
function firstBelow(elements: HTMLCollection, edge: number): Element | null {
  let from = 0;
  let to = elements.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((elements[middle]?.getBoundingClientRect().bottom ?? 0) > edge) to = middle;
    else from = middle + 1;
  }
  return elements[from] ?? null;
}
