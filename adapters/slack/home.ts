import type { App } from '@slack/bolt';
import { shortcuts } from '../../src/chat/admin/shortcuts.ts';
import type { ThreadSummary } from '../../src/chat/bot.ts';
import { helpText } from '../../src/chat/chat-words.ts';
import { clipped } from '../../src/chat/clipped.ts';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { listText } from '../../src/chat/list-text.ts';
import { buttonsOf } from './admin-blocks.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { notAllowed } from './hearing.ts';
import { teamOf } from './inbound.ts';
import { prose, section } from './mrkdwn.ts';
import { address, moreHelp } from './own-words.ts';
import { escaped } from './safe-text.ts';

const prompts = [
  {
    title: 'What is wrong right now?',
    message: 'Check the health of what you can see and tell me what needs attention.',
  },
  { title: 'What can you do?', message: 'help' },
  { title: 'Which tools do you have?', message: 'tools' },
];
const listed = 10;

/** The two tabs of the app: the Home with how everything stands, and Messages with words to begin with. */
export function mountHome(app: App, context: SlackContext): void {
  const { api } = context;

  app.event('app_home_opened', async ({ body }) => {
    const json: Json = { ...body };
    const event = isRecord(json.event) ? json.event : {};
    const [team, user, channel] = [teamOf(json), textOf(event.user), textOf(event.channel)];
    if (event.tab === 'home') return await publish(team, user);
    // With thread_ts this call does nothing under agent_view.
    const args = { channel_id: channel, title: 'Ask me anything about your systems', prompts };
    await api.attempt(team, 'assistant.threads.setSuggestedPrompts', args);
  });

  app.action('home_refresh', async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    await publish(teamOf(json), textOf(at(json, 'user', 'id')));
  });

  async function publish(team: string, user: string): Promise<void> {
    const person = await personOf(context, { team, user });
    const view = { type: 'home', blocks: await homeBlocks(context, person) };
    await api.attempt(team, 'views.publish', { user_id: user, view });
  }
}

async function homeBlocks(context: SlackContext, person: Person): Promise<readonly Json[]> {
  const { author, permissions } = person;
  if (!permissions.has('chat')) return section(notAllowed(person.team));
  const lists = [
    { title: 'Models', path: 'llm-models', needs: 'ai_ops.view_llmmodel' },
    { title: 'MCP servers', path: 'mcp-servers', needs: 'ai_ops.view_mcpserver' },
  ].filter(({ needs }) => permissions.has(needs));
  const [status, threads, approvals, ...tables] = await Promise.all([
    context.status(),
    context.bot.threads(author.principal, listed),
    permissions.has('approve') ? context.bot.pendingApprovals(author, listed) : [],
    ...lists.map(({ path }) => listText(context.desk, path, person)),
  ]);
  const waiting = approvals.map(
    ({ approval }) => `• \`${escaped(approval.tool)}\` asked by ${escaped(approval.askedBy)}`,
  );
  const managing = shortcuts(context.desk, person);
  return [
    ...(managing.length === 0 ? [] : [header('Manage'), ...buttonsOf(managing)]),
    header('How I stand'),
    ...prose(status),
    ...lists.flatMap(({ title }, n) => [header(title), ...prose(tables[n] ?? '')]),
    header('Waiting for a decision'),
    ...section(waiting.length === 0 ? 'Nothing.' : waiting.join('\n')),
    header('Your recent threads'),
    ...section(threads.length === 0 ? 'None yet.' : threads.map(threadLine).join('\n')),
    header('Help'),
    ...prose(`${address}\n\n${helpText}\n\n${moreHelp}`),
    {
      type: 'actions',
      elements: [
        { type: 'button', action_id: 'home_refresh', text: { type: 'plain_text', text: 'Refresh' } },
      ],
    },
  ];
}

function threadLine({ title, status, updatedAt }: ThreadSummary): string {
  const seconds = Math.floor(Date.parse(updatedAt) / 1000);
  return `• ${escaped(clipped(title, 80))} — ${status}, <!date^${seconds}^{date_short_pretty} {time}|${updatedAt}>`;
}

function header(text: string): Json {
  return { type: 'header', text: { type: 'plain_text', text } };
}
