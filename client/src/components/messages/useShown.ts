/** The message that an app wants to be seen: its chunk is rendered wherever it is, and the reader is taken there. */
import { useCallback, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import type { Ref, RefObject } from 'react';
import type { ChatMessage } from '../../core/index.js';

export interface MessageListHandle {
  /** Scrolls to a message, marks its article with `data-shown` and gives it the focus; false: it is not loaded. */
  show: (messageId: string) => boolean;
}

interface Shown {
  messageId: string;
}

/** The id of what was shown last; null: nothing yet. */
export function useShown(
  handle: Ref<MessageListHandle> | undefined,
  messages: readonly ChatMessage[],
  content: RefObject<Element | null>,
  scrollTo: (element: Element) => void,
): string | null {
  // An object for each request: the same message may be shown again.
  const [shown, setShown] = useState<Shown | null>(null);
  const latest = useRef(messages);
  useLayoutEffect(() => {
    latest.current = messages;
  });
  const show = useCallback((messageId: string) => {
    const isLoaded = latest.current.some((message) => message.id === messageId);
    if (isLoaded) setShown({ messageId });
    return isLoaded;
  }, []);
  useImperativeHandle(handle, () => ({ show }), [show]);

  useLayoutEffect(() => {
    const articles = content.current?.querySelectorAll<HTMLElement>('[data-message-id]') ?? [];
    const article = Array.from(articles).find((element) => element.dataset.messageId === shown?.messageId);
    if (!article) return;
    scrollTo(article);
    article.focus({ preventScroll: true });
    article.dataset.shown = '';
    return () => {
      delete article.dataset.shown;
    };
  }, [shown, content, scrollTo]);
  return shown?.messageId ?? null;
}
