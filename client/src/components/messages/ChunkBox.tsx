/** A chunk of messages: rendered while it is near, else an empty box of the same height. */
import { memo, useEffect, useRef, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { Nearness } from './Nearness.js';
import type { Chunk, Row } from './rows.js';

/** What a message is taken to need before it has been rendered once. */
const MESSAGE_GUESS_PX = 56;

export interface ChunkBoxProps {
  chunk: Chunk;
  /** Rendered wherever it is: the reader is being taken there. */
  isShown: boolean;
  /** Null until the list is in the document. */
  nearness: Nearness | null;
  /** Before `nearness` has been asked. */
  nearAtFirst: boolean;
  renderRow: (row: Row) => ReactNode;
}

export const ChunkBox = memo(function ChunkBox({
  chunk,
  isShown,
  nearness,
  nearAtFirst,
  renderRow,
}: ChunkBoxProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(nearAtFirst);
  const heightPx = useRef<number | null>(null);

  useEffect(() => {
    const element = box.current;
    if (!element || !nearness) return;
    return nearness.observe(element, (isNear) => {
      if (!isNear && isInUse(element)) return;
      if (!isNear && element.childElementCount > 0) heightPx.current = element.getBoundingClientRect().height;
      setNear(isNear);
    });
  }, [nearness]);

  if (near || isShown) return <div ref={box}>{chunk.rows.map(renderRow)}</div>;
  return <div ref={box} style={{ blockSize: heightPx.current ?? chunk.rows.length * MESSAGE_GUESS_PX }} />;
});

/** What has the focus or is selected stays, wherever the reader scrolls. */
function isInUse(element: Element): boolean {
  const selection = element.ownerDocument.getSelection();
  const isSelected = selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
  return isSelected || element.contains(element.ownerDocument.activeElement);
}
