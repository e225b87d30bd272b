import type { App } from '@slack/bolt';
import { type AdminAnswer, say } from '../../src/chat/admin/answer.ts';
import { chatWords, createChatWords } from '../../src/chat/chat-words.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { nearest } from '../../src/chat/nearest.ts';
import type { ToolLine } from '../../src/chat/tool-line.ts';
import { shownOf } from './admin.ts';
import { drawAnswer } from './admin-blocks.ts';
import { commandText } from './command-text.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { administered, type Hearing, notAllowed } from './hearing.ts';
import { address, canMute, moreHelp } from './own-words.ts';
import { respond } from './responding.ts';
import { escaped } from './safe-text.ts';

/** A slash command, read. */
export interface Command {
  readonly word: string;
  readonly rest: string;
}

const all = [...chatWords, 'approvals', 'tools', 'ask', 'health'];
/** Slack waits for 3 s; what takes longer is told afterwards. */
const answerWithinMs = 2000;

/** `/aiops <words>`: answered in private, but for questions, which begin a thread. */
export function mountCommands(app: App, context: SlackContext, hearing: Hearing): void {
  const words = createChatWords({ ...context, address, canMute, moreHelp });

  app.command('/aiops', async ({ ack, body }) => {
    const json: Json = { ...body };
    const answering = answerTo(json);
    const first = await Promise.race([answering, late()]);
    if (first !== 'late') return await ack(first === undefined ? undefined : asAck(first));
    await ack({ response_type: 'ephemeral', text: 'One moment…' });
    const answer = await answering;
    if (answer !== undefined)
      await respond(context, textOf(json.response_url), {
        response_type: answer.isPublic ? 'in_channel' : 'ephemeral',
        replace_original: true,
        ...drawAnswer(answer),
      });
  });

  /** Never throws. */
  async function answerTo(json: Json): Promise<AdminAnswer | undefined> {
    const [team, user, channel] = [textOf(json.team_id), textOf(json.user_id), textOf(json.channel_id)];
    try {
      const person = await personOf(context, { team, user, channel });
      return person.permissions.has('chat') ? await run(json, person) : say(notAllowed(team));
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) context.log.error('slack_command_failed', { error });
      return say(sentence ?? 'Something went wrong; the log of the bot says more.');
    }
  }

  /** What to say in private; undefined: nothing. */
  async function run(json: Json, person: Person): Promise<AdminAnswer | undefined> {
    const { word, rest } = readCommand(textOf(json.text));
    const known = chatWords.find((item) => item === word);
    if (known !== undefined && rest === '' && !administered.has(known))
      return say(await words.answer(known, person, undefined));
    if (word === '') return say(await words.answer('help', person, undefined));
    if (word === 'health') return say(await context.status());
    if (word === 'tools') return say(toolsText(context.tools(), rest));
    if (word === 'ask')
      return rest === '' ? say('Write your question after `ask`.') : await ask(json, person, rest);
    const place = {
      channel: textOf(json.channel_id),
      trigger: textOf(json.trigger_id),
      respondTo: textOf(json.response_url),
    };
    const line = commandText(textOf(json.text), { team: person.team });
    const answer = await context.administration.run(line, person);
    if (answer !== undefined) return await shownOf(context, person, { answer, place });
    const meant = nearest(word, all);
    if (meant !== undefined && rest === '')
      return say(`There is no command “${word}”. Did you mean \`${meant}\`?`);
    return await ask(json, person, textOf(json.text).trim());
  }

  /** The question stands in the channel, and its thread is answered; what holds a key is repeated nowhere. */
  async function ask(json: Json, person: Person, question: string): Promise<AdminAnswer | undefined> {
    const refused = context.desk.refusal(question);
    if (refused !== undefined) return say(refused);
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
}

/** The first word, in any case, and the rest. */
export function readCommand(text: string): Command {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  return { word: word.toLowerCase(), rest };
}

function asAck(answer: AdminAnswer) {
  const { text, blocks } = drawAnswer(answer);
  const list: never[] = [];
  const type = answer.isPublic ? ('in_channel' as const) : ('ephemeral' as const);
  return { response_type: type, ...Object.assign({ text, blocks: list }, { blocks }) };
}

async function late(): Promise<'late'> {
  return await new Promise((resolve) => {
    setTimeout(() => resolve('late'), answerWithinMs).unref();
  });
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
