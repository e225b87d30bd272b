import { type Dispatch, type SetStateAction, useEffect, useState } from 'react';

/** Whether the command line is open; Ctrl+K, or ⌘K, opens it where no other dialog is. */
export function useCommandKey(): readonly [boolean, Dispatch<SetStateAction<boolean>>] {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      if (!document.querySelector('dialog[open]')) setOpen(true);
    };
    addEventListener('keydown', open);
    return () => removeEventListener('keydown', open);
  }, []);
  return [isOpen, setOpen];
}
