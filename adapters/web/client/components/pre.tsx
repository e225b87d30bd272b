import type { ReactNode } from 'react';

/** Text as it is, in a box that scrolls, by keyboard too. */
export function Pre({ children }: { readonly children: ReactNode }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
  return <pre tabIndex={0}>{children}</pre>;
}
