import { randomBytes } from 'node:crypto';
import { checkView } from '../blocks.ts';
import { type Json, refuse, type SlackView, text, type Workspace } from '../state.ts';
import type { Method } from './chat.ts';

const DEPTH = 3;

export function viewJson(workspace: Workspace, view: SlackView): Json {
  return {
    id: view.id,
    team_id: workspace.team,
    app_id: workspace.bot.app,
    bot_id: workspace.bot.id,
    hash: view.hash,
    state: { values: {} },
    private_metadata: '',
    callback_id: '',
    ...view.view,
  };
}

const newHash = () => randomBytes(6).toString('hex');

/** Spends a trigger: it lives for 3 s and works once. */
export function spendTrigger(workspace: Workspace, id: unknown): void {
  const trigger = workspace.triggers.get(text(id));
  if (trigger === undefined) return refuse('invalid_trigger_id');
  if (trigger.used) refuse('exchanged_trigger_id');
  if (trigger.expiresAt < workspace.now()) refuse('expired_trigger_id');
  trigger.used = true;
}

export function addView(workspace: Workspace, userId: string, view: unknown, previous?: string): SlackView {
  const checked = checkView(view);
  const made: SlackView = {
    id: workspace.nextId('V'),
    userId,
    view: checked,
    hash: newHash(),
    isHome: checked.type === 'home',
    isOpen: true,
    ...(previous === undefined ? {} : { previous }),
  };
  workspace.views.set(made.id, made);
  return made;
}

export function replaceView(view: SlackView, wanted: unknown): void {
  view.view = checkView(wanted);
  view.hash = newHash();
}

function depth(workspace: Workspace, view: SlackView | undefined): number {
  return view === undefined ? 0 : 1 + depth(workspace, workspace.views.get(view.previous ?? ''));
}

/** Who pulled a trigger. */
export const triggerUsers = new WeakMap<
  Workspace,
  Map<string, { readonly user: string; readonly view?: string }>
>();

export const views: Readonly<Record<string, Method>> = {
  'views.open': (workspace, args) => {
    const checked = checkView(args.view);
    spendTrigger(workspace, args.trigger_id);
    const by = triggerUsers.get(workspace)?.get(text(args.trigger_id));
    return { view: viewJson(workspace, addView(workspace, by?.user ?? '', checked)) };
  },
  'views.push': (workspace, args) => {
    const checked = checkView(args.view);
    spendTrigger(workspace, args.trigger_id);
    const by = triggerUsers.get(workspace)?.get(text(args.trigger_id));
    const below = workspace.views.get(by?.view ?? '');
    if (depth(workspace, below) >= DEPTH) refuse('push_limit_reached');
    return { view: viewJson(workspace, addView(workspace, by?.user ?? '', checked, below?.id)) };
  },
  'views.update': (workspace, args) => {
    const view = workspace.views.get(text(args.view_id));
    if (view === undefined || !view.isOpen) return refuse('not_found');
    if (args.hash !== undefined && args.hash !== view.hash) refuse('hash_conflict');
    replaceView(view, args.view);
    return { view: viewJson(workspace, view) };
  },
  'views.publish': (workspace, args) => {
    if (!workspace.users.has(text(args.user_id))) refuse('user_not_found');
    const home = [...workspace.views.values()].find((view) => view.isHome && view.userId === args.user_id);
    if (home !== undefined) replaceView(home, args.view);
    return { view: viewJson(workspace, home ?? addView(workspace, text(args.user_id), args.view)) };
  },
};
