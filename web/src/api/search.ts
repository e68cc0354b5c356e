/** Finds entries by their text, and opens the one that the address names. */

const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

/** Shows what holds all the words; how many that are. */
export function filterEntries(root: ParentNode, text: string): number {
  const words = wordsOf(text);
  let shown = 0;
  for (const entry of root.querySelectorAll<HTMLElement>('.entry')) {
    const fits = words.every((word) => entry.dataset.text?.includes(word));
    entry.hidden = !fits;
    if (fits) shown++;
  }
  for (const group of root.querySelectorAll<HTMLElement>('.group')) {
    group.hidden = !group.querySelector('.entry:not([hidden])');
  }
  return shown;
}

/** The entry or heading that #… means: opened, in sight, focused. */
export function showAddressed(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
  (target.querySelector('summary') ?? target).focus({ preventScroll: true });
}
