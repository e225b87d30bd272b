/** Scrolls the list of answers so that one is read from its beginning; nothing around the list moves. */
export function showFromStart(within: Element | null): void {
  const entry = within?.closest('.palette-entry');
  const log = entry?.closest('.palette-log');
  if (!entry || !log) return;
  log.scrollTop += entry.getBoundingClientRect().top - log.getBoundingClientRect().top;
}
