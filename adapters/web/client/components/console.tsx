import { useCallback, useEffect, useRef, useState } from 'react';
import { type ApprovalJson, type ApprovalViewJson, deleteThread, type Me, signOut } from '../api.ts';
import { CommandPalette } from '../commands/command-palette.tsx';
import { useCommandKey } from '../commands/use-command-key.ts';
import { freshThreads } from '../fresh-threads.ts';
import { Manage } from '../manage/manage.tsx';
import { ManageNav } from '../manage/manage-nav.tsx';
import { useForms } from '../manage/use-forms.ts';
import { NavigationProvider, useNavigation } from '../navigation.tsx';
import { newId } from '../new-id.ts';
import { managePath, routeOf } from '../route.ts';
import { useApprovals } from '../use-approvals.ts';
import { useOpsThreads } from '../use-ops-threads.ts';
import { threadAddress, useSelectedThread } from '../use-selected-thread.ts';
import { useThreads } from '../use-threads.ts';
import type { WhoDecides } from './approval-card.tsx';
import { ApprovalDialog } from './approval-dialog.tsx';
import { ConversationNav } from './conversation-nav.tsx';
import { Sections } from './sections.tsx';
import { Sidebar } from './sidebar.tsx';
import { SkipLink } from './skip-link.tsx';
import { ThreadView } from './thread-view.tsx';
import { MayTrace } from './trace-link.tsx';

export interface ConsoleProps {
  readonly me: Me;
  readonly onSignedOut: () => void;
}

/** What can be opened, beside what is: a thread, or a page of what admins manage. */
export function Console(props: ConsoleProps) {
  return (
    <NavigationProvider>
      <Frame {...props} />
    </NavigationProvider>
  );
}

function Frame({ me, onSignedOut }: ConsoleProps) {
  const { at, go } = useNavigation();
  const route = routeOf(at);
  const isTalking = route.page === 'conversations';
  const forms = useForms();
  const mayChat = me.permissions.includes('chat');
  const [threads, refreshThreads] = useThreads(mayChat);
  const [opsThreads, refreshOps] = useOpsThreads(mayChat);
  const mayApprove = me.permissions.includes('approve');
  const [approvals, refreshApprovals] = useApprovals(mayApprove);
  const [threadId, selectThread] = useSelectedThread();
  const [opened, setOpened] = useState<ApprovalViewJson>();
  const [fresh] = useState(freshThreads);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isCommanding, setCommanding] = useCommandKey();
  const openMenu = useCallback(() => setMenuOpen(true), []);
  const closeMenu = useCallback(() => setMenuOpen(false), []);

  const select = useCallback(
    (id: string) => {
      selectThread(id);
      closeMenu();
    },
    [selectThread, closeMenu],
  );
  const begin = useCallback(() => {
    const id = newId();
    fresh.add(id);
    select(id);
  }, [fresh, select]);

  const last = useRef('/');
  const mayAudit = me.permissions.includes('view_audit');
  const canManage = (forms !== undefined && forms.length > 0) || mayAudit;

  useEffect(() => {
    if (!isTalking) return;
    if (threadId !== '') last.current = threadAddress(threadId);
    else if (!mayChat && forms === undefined) return;
    else if (mayChat || !canManage) begin();
    else go(managePath, { replace: true });
  }, [isTalking, threadId, mayChat, forms, canManage, begin, go]);

  const noteChange = useCallback(() => {
    fresh.delete(threadId);
    refreshThreads();
    refreshOps();
    refreshApprovals();
  }, [fresh, threadId, refreshThreads, refreshOps, refreshApprovals]);

  const whoDecides = useCallback(
    (card: ApprovalJson): WhoDecides => {
      if (!mayApprove) return 'permitted';
      return approvals.some(({ id, may_decide }) => id === card.id && !may_decide) ? 'another' : 'you';
    },
    [mayApprove, approvals],
  );

  function openApproval(approval: ApprovalViewJson): void {
    if (approval.thread_id !== undefined) return select(approval.thread_id);
    closeMenu();
    setOpened(approval);
  }

  async function remove(id: string): Promise<void> {
    await deleteThread(id).catch(() => undefined);
    refreshThreads();
    refreshOps();
    if (id === threadId) begin();
  }

  const title = [...threads, ...opsThreads].find((thread) => thread.thread_id === threadId)?.title;
  return (
    <div className={isMenuOpen ? 'console menu-open' : 'console'}>
      <SkipLink />
      <Sidebar
        me={me}
        sections={
          (canManage || !isTalking) && (
            <Sections current={isTalking ? 'conversations' : 'manage'} conversation={last.current} />
          )
        }
        onClose={closeMenu}
        onCommands={() => {
          closeMenu();
          setCommanding(true);
        }}
        onSignOut={() => void signOut().then(onSignedOut, onSignedOut)}
      >
        {isTalking ? (
          <ConversationNav
            threads={threads}
            opsThreads={opsThreads}
            mayDeleteOps={me.permissions.includes('ai_ops.delete_schedule')}
            selected={threadId}
            approvals={approvals.filter(({ thread_id }) => thread_id !== threadId)}
            onOpenApproval={openApproval}
            onSelect={select}
            onNew={begin}
            onDelete={remove}
          />
        ) : (
          <ManageNav route={route} resources={forms ?? []} mayAudit={mayAudit} onFollow={closeMenu} />
        )}
      </Sidebar>
      {isTalking && threadId !== '' && (
        <MayTrace value={mayAudit}>
          <ThreadView
            key={threadId}
            threadId={threadId}
            reader={me.name}
            title={title ?? 'New conversation'}
            isFresh={title === undefined && fresh.has(threadId)}
            whoDecides={whoDecides}
            onMenu={openMenu}
            onChange={noteChange}
            onSignedOut={onSignedOut}
          />
        </MayTrace>
      )}
      {!isTalking && forms && (
        <Manage route={route} me={me} resources={forms} onMenu={openMenu} onSignedOut={onSignedOut} />
      )}
      <CommandPalette
        me={me}
        resources={forms ?? []}
        isOpen={isCommanding}
        onClose={() => setCommanding(false)}
      />
      {opened && (
        <ApprovalDialog
          key={opened.id}
          approval={opened}
          onDecided={refreshApprovals}
          onClose={() => setOpened(undefined)}
        />
      )}
    </div>
  );
}
