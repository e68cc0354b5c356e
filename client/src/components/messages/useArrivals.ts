/** Messages that come while the list is open: how many stand below what the reader sees, and what is to be spoken. */
import { useEffect, useRef, useState } from 'react';
import type { ChatMessage } from '../../core/index.js';

/** More than these in one go are not all spoken. */
const SPOKEN_AT_ONCE = 3;

/** The newest seq; 0: there is none. */
export function newestSeqOf(messages: readonly ChatMessage[]): number {
  for (let i = messages.length - 1; i >= 0; i--) {
    const seq = messages[i]?.seq;
    if (seq) return seq; // what waits to be sent stands behind it
  }
  return 0;
}

/** Of others, newer than `seq`; the newest last. */
function incomingAfter(messages: readonly ChatMessage[], seq: number): ChatMessage[] {
  const found: ChatMessage[] = [];
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (!message || (message.seq !== null && message.seq <= seq)) break;
    if (message.seq !== null && !message.mine) found.unshift(message);
  }
  return found;
}

/** How many have come since the reader left the end. */
export function useNewCount(messages: readonly ChatMessage[], atEnd: boolean): number {
  const newest = newestSeqOf(messages);
  const [left, setLeft] = useState<number | null>(null);
  if (atEnd && left !== null) setLeft(null);
  if (!atEnd && left === null) setLeft(newest);
  return left === null || atEnd ? 0 : incomingAfter(messages, left).length;
}

/** Of what has come since the last time, text to be spoken; what was there at the beginning is not. */
export function useSpokenArrivals(
  messages: readonly ChatMessage[],
  ready: boolean,
  speak: (message: ChatMessage) => string,
): string {
  const spokenSeq = useRef<number | null>(null);
  const [text, setText] = useState('');
  const latest = useRef(speak);
  useEffect(() => {
    latest.current = speak;
  });
  useEffect(() => {
    if (!ready) return;
    const after = spokenSeq.current;
    spokenSeq.current = newestSeqOf(messages);
    const incoming = after === null ? [] : incomingAfter(messages, after).slice(-SPOKEN_AT_ONCE);
    if (incoming.length > 0) setText(incoming.map((m) => latest.current(m)).join('\n'));
  }, [messages, ready]);
  return text;
}
