import { createContext, useContext } from 'react';
import { tracePath } from '../route.ts';
import { Link } from './link.tsx';

/** Whether this person may see how turns ran. */
export const MayTrace = createContext(false);

/** The way to how a turn ran, for those who may see it. */
export function TraceLink({ turnId }: { readonly turnId: string }) {
  if (!useContext(MayTrace)) return null;
  return (
    <Link to={tracePath(turnId)} className="trace-link" label="Trace of this turn">
      Trace
    </Link>
  );
}
