import type { ReactNode } from 'react';
import { Logo } from './logo.tsx';

/** A page that says one thing. */
export function Notice({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="notice">
      <Logo />
      <h1>{title}</h1>
      {children}
    </main>
  );
}
