/** The list's place in its conversation: opened at what is new or at the end, kept there, and read when it is seen. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { UseMessages } from '../../react/useMessages.js';
import { watchNearness } from './Nearness.js';
import type { Nearness } from './Nearness.js';
import { keepScroll } from './ScrollKeeper.js';
import type { ScrollKeeper } from './ScrollKeeper.js';

/** So far above what is seen older messages are fetched. */
const LOAD_AHEAD_PX = 1500;

export interface Scroll {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  nearness: Nearness | null;
  atEnd: boolean;
  toEnd: () => void;
  toElement: (element: Element) => void;
}

export function useScroll(thread: UseMessages): Scroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const keeper = useRef<ScrollKeeper | null>(null);
  const [nearness, setNearness] = useState<Nearness | null>(null);
  const [atEnd, setAtEnd] = useState(true);
  const isPlaced = useRef(false);

  const latest = useRef(thread);
  const fill = useCallback(() => {
    const { status, error, hasOlder, loadOlder } = latest.current;
    const isNear = scroller.current !== null && scroller.current.scrollTop < LOAD_AHEAD_PX;
    // After an error the reader says when to try again.
    if (isPlaced.current && isNear && hasOlder && status === 'ready' && !error) void loadOlder();
  }, []);

  useLayoutEffect(() => {
    if (!scroller.current || !content.current) return;
    const moved = (isAtEnd: boolean) => {
      setAtEnd(isAtEnd);
      fill();
    };
    const kept = keepScroll(scroller.current, content.current, moved);
    const watched = watchNearness(scroller.current);
    keeper.current = kept;
    setNearness(watched);
    return () => {
      kept.close();
      watched.close();
      isPlaced.current = false; // the next keeper knows nothing of this one's place
    };
  }, [fill]);

  const { messages } = thread;
  const mineAtEnd = messages.at(-1)?.mine ? messages.at(-1)?.key : undefined;
  const wasMine = useRef(mineAtEnd);
  useLayoutEffect(() => {
    latest.current = thread;
    if (messages.length === 0 || !keeper.current) return;
    const marker = content.current?.querySelector('[data-new-messages]');
    if (!isPlaced.current && marker) keeper.current.toElement(marker);
    else if (!isPlaced.current || (mineAtEnd && mineAtEnd !== wasMine.current)) keeper.current.toEnd();
    else keeper.current.keep();
    isPlaced.current = true;
    wasMine.current = mineAtEnd;
  }, [thread, messages, mineAtEnd]);
  useEffect(fill, [fill, thread]);

  const toEnd = useCallback(() => keeper.current?.toEnd(), []);
  const toElement = useCallback((element: Element) => keeper.current?.toElement(element), []);
  return { scroller, content, nearness, atEnd, toEnd, toElement };
}
