/** Where an on-screen keyboard lies over the page instead of making it smaller, the page makes itself smaller. */

const NAME = '--visible-height';

function follow(viewport: VisualViewport): void {
  const { style } = document.documentElement;
  const covered = viewport.scale === 1 && innerHeight - viewport.height > 1;
  if (covered) style.setProperty(NAME, `${viewport.height}px`);
  else style.removeProperty(NAME);
  // Such a browser also moves the page up to show what is written into; with the page smaller that is in sight anyway.
  if (covered) scrollTo(0, 0);
}

export function followVisibleHeight(): void {
  const viewport = window.visualViewport;
  viewport?.addEventListener('resize', () => follow(viewport));
}
