import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

export interface ModalProps {
  readonly title: string;
  readonly isWide?: boolean;
  /** While it is not, all that is within stays as it is. */
  readonly isOpen?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog over the page. When it is closed or gone, the focus is where it was. */
export function Modal({ title, isWide = false, isOpen = true, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // What had the focus is asked for before anything within takes it.
  const [opened, setOpened] = useState(() => ({ isOpen, before: document.activeElement }));
  if (opened.isOpen !== isOpen)
    setOpened({ isOpen, before: isOpen ? document.activeElement : opened.before });
  const { before } = opened;

  // Before the effects of what is within: nothing can have the focus in a closed dialog.
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  // After it is closed or gone: nothing outside an open dialog can have the focus.
  useEffect(() => {
    if (!isOpen) return;
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [isOpen, before]);

  return (
    <dialog
      ref={dialog}
      className={isWide ? 'dialog wide' : 'dialog'}
      aria-labelledby={heading}
      onClose={({ target, currentTarget }) => {
        // React lets it bubble, so that a dialog would close with one that it has opened.
        if (target === currentTarget) onClose();
      }}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}
