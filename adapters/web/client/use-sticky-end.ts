import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** How near to its end a frame counts as scrolled to the end, in pixels. */
const NEAR_END_PX = 80;

/**
 * Keeps a scrolling frame at its end while its content grows, until the reader scrolls up. Only a
 * movement upwards counts as that: growth alone also takes the end away. What is to be read from its
 * beginning stays there until the reader goes to the end.
 */
export function useStickyEnd(isToBeRead: boolean) {
  const frame = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isSticky = useRef(true);
  const lastTop = useRef(0);
  const [isAtEnd, setAtEnd] = useState(true);

  const goToEnd = useCallback(() => {
    isSticky.current = true;
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, []);

  useLayoutEffect(() => {
    if (isToBeRead) isSticky.current = false;
  }, [isToBeRead]);

  function noteScroll(): void {
    const element = frame.current;
    if (!element) return;
    if (isNearEnd(element)) isSticky.current = true;
    else if (element.scrollTop < lastTop.current) isSticky.current = false;
    lastTop.current = element.scrollTop;
    setAtEnd(isSticky.current);
  }

  useEffect(() => {
    const follow = new ResizeObserver(() => {
      const element = frame.current;
      if (isSticky.current) element?.scrollTo({ top: element.scrollHeight });
      else if (element) setAtEnd(isNearEnd(element));
    });
    if (content.current) follow.observe(content.current);
    if (frame.current) follow.observe(frame.current);
    return () => follow.disconnect();
  }, []);

  return { frame, content, isAtEnd, noteScroll, goToEnd };
}

function isNearEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
}
