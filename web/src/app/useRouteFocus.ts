/** After a change of view the focus stands where reading goes on. */
import { useEffect, useRef, type RefObject } from 'react';
import type { Route } from '../router';

/** A dialog over a conversation is no other view. */
function viewOf(route: Route): string {
  return 'conversationId' in route ? route.conversationId : route.name;
}

export function useRouteFocus(route: Route, main: RefObject<HTMLElement | null>): void {
  const view = viewOf(route);
  const before = useRef(view);
  useEffect(() => {
    const left = before.current;
    before.current = view;
    if (left === view || main.current?.contains(document.activeElement)) return;
    if (view === 'list') focusRow(left);
    else main.current?.focus({ preventScroll: true });
  }, [view, main]);
}

/** Back in the list one stands on what one comes from. */
function focusRow(conversationId: string): void {
  document.querySelector<HTMLElement>(`[data-conversation-id="${CSS.escape(conversationId)}"]`)?.focus();
}
