/** Whether a finger has chosen an element, on screens where nothing hovers; a touch elsewhere ends it. */
import { useEffect, useRef, useState, type MouseEvent, type PointerEvent, type RefObject } from 'react';

interface Touched<E> {
  element: RefObject<E | null>;
  touched: boolean;
  /** For the element itself. */
  handlers: {
    onPointerDown: (event: PointerEvent) => void;
    onPointerCancel: () => void;
    onClickCapture: (event: MouseEvent) => void;
  };
}

export function useTouched<E extends Element>(): Touched<E> {
  const element = useRef<E>(null);
  const [touched, setTouched] = useState(false);
  /** What the finger came down on; null: no finger is at work. */
  const under = useRef<Node | null>(null);

  useEffect(() => {
    if (!touched) return;
    const pressed = ({ target }: Event) => {
      if (!(target instanceof Node && element.current?.contains(target))) setTouched(false);
    };
    document.addEventListener('pointerdown', pressed);
    return () => document.removeEventListener('pointerdown', pressed);
  }, [touched]);

  const onPointerDown = ({ pointerType, target }: PointerEvent) => {
    under.current = pointerType === 'touch' && target instanceof Node ? target : null;
  };
  const onPointerCancel = () => {
    under.current = null;
  };
  /**
   * A tap is a click only when the finger is away; by then a button may have come up where it was, which it was not meant
   * for. What it does to a link or a button that was there is meant for that alone.
   */
  const onClickCapture = (event: MouseEvent) => {
    const from = under.current;
    under.current = null;
    if (from === null || event.detail === 0) return; // a mouse, or no pointer at all
    const control = controlAround(event.target);
    if (control?.contains(from)) return;
    if (control) {
      event.preventDefault();
      event.stopPropagation();
    }
    setTouched((before) => !before);
  };
  return { element, touched, handlers: { onPointerDown, onPointerCancel, onClickCapture } };
}

const controlAround = (target: EventTarget) => (target instanceof Element ? target.closest('a, button') : null);
