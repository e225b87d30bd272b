import type { App } from '@slack/bolt';
import { chatWords, createChatWords } from '../../src/chat/chat-words.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { nearest } from '../../src/chat/nearest.ts';
import type { ToolLine } from './context.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { openForm } from './form-flow.ts';
import { type Hearing, notAllowed } from './hearing.ts';
import { moreHelp } from './more-help.ts';
import { privateMessage } from './notices.ts';
import { escaped } from './safe-text.ts';

/** A slash command, read. */
export interface Command {
  readonly word: string;
  readonly rest: string;
}

const all = [...chatWords, 'tools', 'ask', 'model', 'health'];

/** `/aiops <words>`: answered in private, but for questions, which begin a thread. */
export function mountCommands(app: App, context: SlackContext, hearing: Hearing): void {
  const words = createChatWords({ ...context, moreHelp });

  app.command('/aiops', async ({ ack, body }) => {
    const json: Json = { ...body };
    const [team, user, channel] = [textOf(json.team_id), textOf(json.user_id), textOf(json.channel_id)];
    try {
      const person = await personOf(context, { team, user, channel });
      const answer = person.permissions.has('chat') ? await run(json, person) : notAllowed(team);
      await ack(answer === undefined ? undefined : { response_type: 'ephemeral', ...asAck(answer) });
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) context.log.error('slack_command_failed', { error });
      await ack({
        response_type: 'ephemeral',
        text: escaped(sentence ?? 'Something went wrong; the log of the bot says more.'),
      });
    }
  });

  /** What to say in private; undefined: nothing. */
  async function run(json: Json, person: Person): Promise<string | undefined> {
    const { word, rest } = readCommand(textOf(json.text));
    const known = chatWords.find((item) => item === word);
    if (known !== undefined && rest === '') return await words.answer(known, person, undefined);
    if (word === '') return await words.answer('help', person, undefined);
    if (word === 'health') return await context.status();
    if (word === 'tools') return toolsText(context.tools(), rest);
    if (word === 'ask')
      return rest === '' ? 'Write your question after `ask`.' : await ask(json, person, rest);
    if (word === 'model') return await model(json, person, rest);
    const meant = nearest(word, all);
    if (meant !== undefined && rest === '')
      return `There is no command “${word}”. Did you mean \`${meant}\`?`;
    return await ask(json, person, textOf(json.text).trim());
  }

  /** The question stands in the channel, and its thread is answered. */
  async function ask(json: Json, person: Person, question: string): Promise<string | undefined> {
    const channel = textOf(json.channel_id);
    const posted = await context.api.call(
      person.team,
      'chat.postMessage',
      { channel, text: `<@${person.user}> asks: ${escaped(question)}` },
      { signal: AbortSignal.timeout(2000) },
    );
    const ts = textOf(posted.ts);
    const keys = [`slack:${person.team}:command:${textOf(json.trigger_id)}`];
    await hearing.ask({ person, channel, threadTs: ts, text: question, keys, isNew: true });
    return undefined;
  }

  async function model(json: Json, person: Person, rest: string): Promise<string | undefined> {
    const { word, rest: name } = readCommand(rest);
    if (word !== 'add' && (word !== 'edit' || name === ''))
      return 'Write `model add` or `model edit <name>`.';
    await openForm(context, person, {
      path: 'llm-models',
      trigger: textOf(json.trigger_id),
      channel: textOf(json.channel_id),
      ...(word === 'edit' ? { name } : {}),
    });
    return undefined;
  }
}

/** The first word, in any case, and the rest. */
export function readCommand(text: string): Command {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  return { word: word.toLowerCase(), rest };
}

function asAck(markdown: string): { readonly text: string; readonly blocks: never[] } {
  const { text, blocks } = privateMessage(markdown);
  const list: never[] = [];
  return Object.assign({ text, blocks: list }, { blocks });
}

function toolsText(tools: readonly ToolLine[], server: string): string {
  const wanted = tools.filter(({ name }) => server === '' || name.startsWith(`${server}__`));
  if (wanted.length === 0) return 'No tools are available. `status` tells why.';
  const lines = wanted.map(({ name, effect, description }) => {
    const first = (description.split('\n')[0] ?? '').slice(0, 120).replaceAll('|', '\\|');
    return `| \`${name}\` | ${effect} | ${first} |`;
  });
  return ['| tool | effect | what it does |', '|---|---|---|', ...lines].join('\n');
}
