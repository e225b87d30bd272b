import { useCallback, useEffect, useState } from 'react';
import { deleteThread, type Me, signOut } from '../api.ts';
import { newId } from '../new-id.ts';
import { useSelectedThread } from '../use-selected-thread.ts';
import { useThreads } from '../use-threads.ts';
import { Sidebar } from './sidebar.tsx';
import { ThreadView } from './thread-view.tsx';

export interface ConsoleProps {
  readonly me: Me;
  readonly onSignedOut: () => void;
}

/** The list of threads beside the selected one. */
export function Console({ me, onSignedOut }: ConsoleProps) {
  const [threads, refreshThreads] = useThreads();
  const [threadId, selectThread] = useSelectedThread();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const closeMenu = useCallback(() => setMenuOpen(false), []);

  const select = useCallback(
    (id: string) => {
      selectThread(id);
      closeMenu();
    },
    [selectThread, closeMenu],
  );
  const begin = useCallback(() => select(newId()), [select]);

  useEffect(() => {
    if (threadId === '') begin();
  }, [threadId, begin]);

  async function remove(id: string): Promise<void> {
    await deleteThread(id).catch(() => undefined);
    refreshThreads();
    if (id === threadId) begin();
  }

  const title = threads.find((thread) => thread.thread_id === threadId)?.title;
  return (
    <div className={isMenuOpen ? 'console menu-open' : 'console'}>
      <Sidebar
        me={me}
        threads={threads}
        selected={threadId}
        onSelect={select}
        onNew={begin}
        onDelete={remove}
        onClose={closeMenu}
        onSignOut={() => void signOut().then(onSignedOut, onSignedOut)}
      />
      {threadId !== '' && (
        <ThreadView
          key={threadId}
          threadId={threadId}
          title={title ?? 'New conversation'}
          mayDecide={me.permissions.includes('approve')}
          onMenu={() => setMenuOpen(true)}
          onChange={refreshThreads}
          onSignedOut={onSignedOut}
        />
      )}
    </div>
  );
}
