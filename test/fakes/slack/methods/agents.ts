import { reach, records, refuse, text } from '../state.ts';
import type { Method } from './chat.ts';

const key = (channel: unknown, thread: unknown) => `${text(channel)}:${text(thread)}`;

/** Status lines, sessions, titles, suggested prompts. */
export const agents: Readonly<Record<string, Method>> = {
  'assistant.threads.setStatus': (workspace, args) => {
    reach(workspace, args.channel_id);
    if (text(args.thread_ts) === '' || args.status === undefined) refuse('invalid_arguments');
    if (Array.isArray(args.loading_messages) && args.loading_messages.length > 10)
      refuse('invalid_arguments');
    const place = key(args.channel_id, args.thread_ts);
    if (text(args.status) === '') workspace.statuses.delete(place);
    else workspace.statuses.set(place, { status: text(args.status), at: workspace.now() });
    return {};
  },
  'assistant.threads.setTitle': (workspace, args) => {
    reach(workspace, args.channel_id);
    const session = workspace.sessions.get(key(args.channel_id, args.thread_ts));
    if (session !== undefined) session.title = text(args.title);
    return {};
  },
  'assistant.threads.setSuggestedPrompts': (workspace, args) => {
    const prompts = records(args.prompts);
    if (prompts.length === 0 || prompts.length > 4) refuse('invalid_arguments');
    // Under agent_view a call with thread_ts does nothing, and says that it did.
    if (args.thread_ts === undefined)
      workspace.prompts.set(text(args.channel_id), { title: args.title, prompts });
    return {};
  },
  'agents.sessions.setStatus': (workspace, args) => {
    reach(workspace, args.channel_id);
    if (!['active', 'processing', 'suspended', 'closed'].includes(text(args.status)))
      refuse('invalid_arguments');
    if (text(args.title).length > 200) refuse('invalid_arguments');
    const place = key(args.channel_id, args.thread_ts);
    const known = workspace.sessions.get(place);
    if (known === undefined)
      workspace.sessions.set(place, { status: text(args.status), title: text(args.title) });
    else known.status = text(args.status);
    return {};
  },
  'agents.sessions.rename': (workspace, args) => {
    const session = workspace.sessions.get(key(args.channel_id, args.thread_ts));
    if (session === undefined) return refuse('session_not_found');
    if (text(args.title) === '' || text(args.title).length > 200) refuse('invalid_arguments');
    session.title = text(args.title);
    return {};
  },
};
