import type { MouseEvent, ReactNode } from 'react';
import { useNavigation } from '../navigation.tsx';

export interface LinkProps {
  readonly to: string;
  readonly className?: string;
  readonly label?: string;
  readonly isCurrent?: boolean;
  readonly onFollow?: () => void;
  readonly children: ReactNode;
}

/** A link within the console: followed without loading the page, and an ordinary link for everything else. */
export function Link({ to, className, label, isCurrent = false, onFollow, children }: LinkProps) {
  const { go } = useNavigation();

  function follow(event: MouseEvent): void {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
    onFollow?.();
  }

  return (
    <a
      href={to}
      className={className}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}
