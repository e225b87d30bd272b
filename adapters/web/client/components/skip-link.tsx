import type { MouseEvent } from 'react';

/** Past the sidebar, for who goes by keyboard; seen while it has the focus. */
export function SkipLink() {
  // Addresses of conversations are hashes: this one must not become the address.
  function skip(event: MouseEvent): void {
    event.preventDefault();
    const content = document.querySelector('main');
    if (!content) return;
    content.tabIndex = -1;
    content.focus();
  }

  return (
    // biome-ignore lint/a11y/useValidAnchor: it leads to a place on this page, as links do
    <a className="skip-link" href="#content" onClick={skip}>
      Skip to content
    </a>
  );
}
