import { useCallback, useEffect, useRef, useState } from 'react';

/** How near to its end a frame counts as scrolled to the end, in pixels. */
const NEAR_END_PX = 80;

/**
 * Keeps a scrolling frame at its end while its content grows, until the reader scrolls up. Only a
 * movement upwards counts as that: growth alone also takes the end away.
 */
export function useStickyEnd() {
  const frame = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isSticky = useRef(true);
  const lastTop = useRef(0);
  const [isAtEnd, setAtEnd] = useState(true);

  const goToEnd = useCallback(() => {
    isSticky.current = true;
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, []);

  function noteScroll(): void {
    const element = frame.current;
    if (!element) return;
    const isNearEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (isNearEnd) isSticky.current = true;
    else if (element.scrollTop < lastTop.current) isSticky.current = false;
    lastTop.current = element.scrollTop;
    setAtEnd(isSticky.current);
  }

  useEffect(() => {
    const follow = new ResizeObserver(() => {
      if (isSticky.current) frame.current?.scrollTo({ top: frame.current.scrollHeight });
    });
    if (content.current) follow.observe(content.current);
    if (frame.current) follow.observe(frame.current);
    return () => follow.disconnect();
  }, []);

  return { frame, content, isAtEnd, noteScroll, goToEnd };
}
