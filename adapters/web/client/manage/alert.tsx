import type { ReactNode } from 'react';
import { WarningIcon } from '../components/icons.tsx';

/** Something that went wrong; screen readers say it at once. */
export function Alert({ children }: { readonly children: ReactNode }) {
  return (
    <div className="alert" role="alert">
      <WarningIcon />
      <div>{children}</div>
    </div>
  );
}
