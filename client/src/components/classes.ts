/** The names by which a style sheet finds the components' parts: `vaultify-…`, and the app's own beside it. */
export function classes(own: string, given?: string): string {
  return given ? `vaultify-${own} ${given}` : `vaultify-${own}`;
}
