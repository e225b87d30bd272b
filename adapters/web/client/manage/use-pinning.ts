import { useState } from 'react';
import { actWith, type ResourceForm, type Row } from './rest.ts';
import type { Pinned } from './tool-list.ts';

/** Decides about what a server lists. */
export interface Pinning {
  /** How the server is called. */
  readonly server: string;
  /** Absent for who may not change the server. */
  readonly decide?: (verb: PinVerb, pinned: readonly Pinned[]) => Promise<void>;
  /** What came of the last decision. */
  readonly said: string | undefined;
}

export type PinVerb = 'accept' | 'revoke';

interface PinningOptions {
  readonly resource: ResourceForm;
  readonly row: Row;
  /** The list is another one now. */
  readonly onDone: () => void;
}

/** Sends what was looked at, so that nothing else is accepted. */
export function usePinning({ resource, row, onDone }: PinningOptions): Pinning {
  const [said, setSaid] = useState<string>();
  const isOpen = resource.actions.some(({ name, may }) => name === 'accept-tools' && may);
  if (!isOpen) return { server: row.display, said };
  return {
    server: row.display,
    said,
    async decide(verb, pinned) {
      const tools = pinned.flatMap(({ kind, name, hash }) => (kind === 'tool' ? [{ name, hash }] : []));
      const words = pinned.find(({ kind }) => kind === 'instructions');
      const answer = await actWith(resource.path, row.id, `${verb}-tools`, {
        ...(tools.length > 0 && { tools }),
        ...(words && { instructions: { hash: words.hash } }),
      });
      setSaid(answer);
      onDone();
    },
  };
}
