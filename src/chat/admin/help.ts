import type { DeskKind } from '../desk.ts';
import type { Choice, FormField } from '../form.ts';
import { type AdminAnswer, say } from './answer.ts';
import { approvalsHelp } from './approvals.ts';
import { type Deed, deedWords, plain, wordOf } from './vocabulary.ts';
import { code, withinSentence } from './words.ts';

/** What can be administered, a line for each kind that this caller may see. */
export function helpOnAll(kinds: readonly DeskKind[]): AdminAnswer {
  const seen = kinds.filter(
    ({ allowed, actions }) => allowed.size > 0 || actions.some((one) => one.isAllowed),
  );
  const lines = seen.map((kind) => `- \`${kind.word}\`: ${kind.help} *${deedWords(kind).join(', ')}*`);
  return say(
    [
      'Write `<what> <verb> <name> field=value …`, such as `models add`, `servers disable web` or `models edit gpt-4o temperature=0.5`.',
      'What is missing is asked for. `help <what>` says more, `public` at the end shows the answer to everybody.',
      '',
      ...lines,
      ...Object.values(topics).map((line) => `- ${line}`),
    ].join('\n'),
  );
}

/** Words that are about no kind. */
const topics = {
  approvals: '`approvals`: What waits for a decision. `approvals show`, `approve` and `deny` with an id.',
  usage:
    '`usage`: What models used and cost, by model, by person and by channel. `usage today`, `usage week`, `usage month`.',
  doctor: '`doctor`: What is wrong with the bot, and how to mend it.',
  undo: '`undo <id>`: Takes a change back, for ten minutes. The answer to the change has the button.',
  trace:
    '`trace <reference>`: Which layers of middleware a turn went through, by the reference under its error.',
} as const;
export type Topic = keyof typeof topics;
const topicWords: readonly Topic[] = ['approvals', 'usage', 'doctor', 'undo', 'trace'];

/** The word that there is help on besides the kinds. */
export function topicCalled(word: string): Topic | undefined {
  const wanted = plain(word);
  return topicWords.find((topic) => plain(topic) === wanted);
}

export function helpOnTopic(topic: Topic): AdminAnswer {
  return topic === 'approvals' ? approvalsHelp : say(topics[topic]);
}

/** What can be done with a kind, and what its things have. */
export function helpOnKind(kind: DeskKind): AdminAnswer {
  const verbs = [...kind.verbs]
    .filter((verb) => kind.allowed.has(verb))
    .map((verb) => `| \`${kind.word} ${usage(kind, { type: 'verb', verb })}\` | ${about(kind, verb)} |`);
  const actions = kind.actions
    .filter(({ isAllowed }) => isAllowed)
    .map((action) => `| \`${kind.word} ${usage(kind, { type: 'action', action })}\` | ${action.help} |`);
  const fields =
    kind.allowed.has('add') || kind.allowed.has('edit') ? ['', fieldsText(kind.form.fields)] : [];
  return say(
    [
      `**${kind.many}.** ${kind.help}`,
      '',
      '| command | |',
      '|---|---|',
      ...verbs,
      ...actions,
      ...fields,
    ].join('\n'),
  );
}

/** How one thing is done. */
export function helpOnDeed(kind: DeskKind, deed: Deed): AdminAnswer {
  const head = `\`${kind.word} ${usage(kind, deed)}\``;
  const words = deed.type === 'verb' ? about(kind, deed.verb) : deed.action.help;
  const takes = fieldsOfDeed(kind, deed);
  return say([head, '', words, ...(takes.length === 0 ? [] : ['', fieldsText(takes)])].join('\n'));
}

function fieldsOfDeed(kind: DeskKind, deed: Deed): readonly FormField[] {
  if (deed.type === 'action') return deed.action.fields;
  return deed.verb === 'add' || deed.verb === 'edit' ? kind.form.fields : [];
}

function usage(kind: DeskKind, deed: Deed): string {
  const word = wordOf(deed);
  if (word === 'list') return 'list [words] [field=value]';
  const takes = fieldsOfDeed(kind, deed).length > 0 ? ' [field=value …]' : '';
  return `${word}${word === 'add' ? '' : ' <name>'}${takes}`;
}

function about({ one, many: title }: DeskKind, verb: string): string {
  const many = withinSentence(title);
  const words: Readonly<Record<string, string>> = {
    list: `Lists the ${many}; words and fields narrow it.`,
    show: `Shows all of one ${one}.`,
    add: `Makes a new ${one}; what is missing is asked for.`,
    edit: `Changes the ${one}; without fields a form opens.`,
    delete: `Deletes the ${one}, after a question.`,
    enable: `Switches the ${one} on.`,
    disable: `Switches the ${one} off.`,
  };
  return words[verb] ?? '';
}

/** An empty one is nothing to write. */
function wordOfChoice({ value }: Choice): readonly string[] {
  return value === '' ? [] : [code(value)];
}

function fieldsText(fields: readonly FormField[]): string {
  const lines = fields
    .filter(({ isReadOnly }) => !isReadOnly)
    .map(({ name, label, help, isRequired, widget }) => {
      const choices =
        widget.type === 'choice' ? ` One of ${widget.choices.flatMap(wordOfChoice).join(', ')}.` : '';
      return `- \`${name}\`${isRequired ? ' (needed)' : ''}: ${label}. ${help}${choices}`;
    });
  return ['Fields:', ...lines].join('\n');
}
