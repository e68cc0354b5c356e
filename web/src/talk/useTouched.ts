/** Whether a finger has chosen an element, on screens where nothing hovers; a touch elsewhere ends it. */
import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';

interface Touched<E> {
  element: RefObject<E | null>;
  touched: boolean;
  onPointerUp: (event: PointerEvent) => void;
}

export function useTouched<E extends Element>(): Touched<E> {
  const element = useRef<E>(null);
  const [touched, setTouched] = useState(false);

  useEffect(() => {
    if (!touched) return;
    const pressed = ({ target }: Event) => {
      if (!(target instanceof Node && element.current?.contains(target))) setTouched(false);
    };
    document.addEventListener('pointerdown', pressed);
    return () => document.removeEventListener('pointerdown', pressed);
  }, [touched]);

  const onPointerUp = ({ pointerType, target }: PointerEvent) => {
    if (pointerType === 'touch' && !isControl(target)) setTouched((before) => !before);
  };
  return { element, touched, onPointerUp };
}

/** What a finger does to a link or a button is meant for that alone. */
const isControl = (target: EventTarget) => target instanceof Element && target.closest('a, button') !== null;
