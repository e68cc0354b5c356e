/** Makes elements; text is text, never markup. */
export type Child = Node | string | null;

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const code = (text: string): HTMLElement => element('code', {}, text);

/** A documents' sentence, in which backticks enclose code. */
export function prose(text: string): Child[] {
  return text.split('`').map((part, i) => (i % 2 ? code(part) : part));
}

/** Its paragraphs. */
export function paragraphs(text: string): HTMLElement[] {
  return text.split('\n\n').map((paragraph) => element('p', {}, ...prose(paragraph)));
}
