import { createContext, useContext } from 'react';
import type { Me } from '../api.ts';
import type { ResourceForm } from './rest.ts';

/** What all management pages share. */
export interface ManageContext {
  /** The session is over, and something here is not saved. */
  readonly isSignedOut: boolean;
  /** The address at which each resource's list was last seen. */
  readonly lists: Map<string, string>;
  readonly me: Me;
  readonly resources: readonly ResourceForm[];
  /** Opens the sidebar where it is hidden. */
  readonly onMenu: () => void;
}

export const Manage = createContext<ManageContext | undefined>(undefined);

export function useManage(): ManageContext {
  const context = useContext(Manage);
  if (!context) throw new Error('Only on a management page.');
  return context;
}
