import { useCallback, useEffect, useRef } from 'react';
import type { Page, Row } from './rest.ts';

/**
 * Once a page of rows is read again without one of them, the focus goes to the row that took its place,
 * or to the title of the page.
 */
export function useFocusAfter(page: Page<Row> | undefined): (place: number) => void {
  const place = useRef<number>(undefined);

  useEffect(() => {
    if (page === undefined || place.current === undefined) return;
    const links = [...document.querySelectorAll<HTMLElement>('main .row-link')];
    const next = links[Math.min(place.current, links.length - 1)];
    place.current = undefined;
    (next ?? document.querySelector<HTMLElement>('main h1'))?.focus();
  }, [page]);

  return useCallback((at: number) => {
    place.current = Math.max(0, at);
  }, []);
}
