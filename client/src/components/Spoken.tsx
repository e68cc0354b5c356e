/** Text for screen readers alone. */
import type { CSSProperties, ReactElement, ReactNode } from 'react';

const UNSEEN: CSSProperties = {
  position: 'absolute',
  inlineSize: 1,
  blockSize: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
};

export function Spoken({ children, live = false }: { children?: ReactNode; live?: boolean }): ReactElement {
  return (
    <span style={UNSEEN} aria-live={live ? 'polite' : undefined} aria-atomic={live ? 'true' : undefined}>
      {children}
    </span>
  );
}
