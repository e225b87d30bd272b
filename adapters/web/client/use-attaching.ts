import { useRef, useState } from 'react';
import { type Attaching, attach } from './attached.ts';
import { newId } from './new-id.ts';

const NOTHING: Attaching = { files: [], problem: '' };

/** The files that go with the next message. */
export function useAttaching() {
  const [state, setState] = useState(NOTHING);
  const latest = useRef(NOTHING);
  const queue = useRef(Promise.resolve());

  function put(next: Attaching): void {
    latest.current = next;
    setState(next);
  }

  return {
    ...state,
    /** One after another: each sees what the others have taken. */
    add(more: readonly File[]): void {
      queue.current = queue.current
        .then(async () => put(await attach(latest.current.files, more, newId)))
        .catch(() => put({ ...latest.current, problem: 'A file could not be read.' }));
    },
    remove: (id: string) =>
      put({ files: latest.current.files.filter((file) => file.id !== id), problem: '' }),
    clear: () => put(NOTHING),
  };
}
