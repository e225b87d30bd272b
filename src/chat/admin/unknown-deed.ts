import type { Desk, DeskCaller, DeskKind, DeskRow } from '../desk.ts';
import { type AdminAnswer, say } from './answer.ts';
import type { Command } from './command-line.ts';
import type { Meaning } from './meant.ts';
import { quoted } from './tokens.ts';
import { type Deed, deedWords } from './vocabulary.ts';
import { code, either } from './words.ts';

/** Words that sentences are made of, and commands are not. */
const ofSentences =
  /^(?:i|you|we|they|he|she|it|there|am|is|are|was|were|be|been|do|does|did|can|ca|could|should|would|will|wo|has|have|had|not|why|how|what|when|who|which|where|because|since|but|if|than|so)(?:n?['’](?:t|s|re|ve|ll|m|d))?$/i;
/** Commands without fields are shorter. */
const mostWords = 6;

/**
 * The rule that tells a question from a command that went wrong, where a line begins with what is managed, says
 * nothing to do that there is and names nothing that is there. It is talk, for the model, when one of its words
 * ends as sentences do (`why?`, `slow,`), is one that sentences are made of (`are`, `how`), or when there are
 * more than six of them and no fields: `models are slow today, why?`. All else was meant for administration and
 * is told so: `models frobnicate gpt`. One word alone is a name, unless it ends with a question mark. This holds
 * where somebody said that they write a command; in plain messages only an exact, complete one counts anyhow.
 */
export function isPlainTalk({ deed, name, pairs, isLoose }: Command): boolean {
  if (deed !== undefined) return false;
  if (isLoose !== true) return name.endsWith('?');
  const words = name.split(' ');
  if (words.length > mostWords && pairs.length === 0) return true;
  return words.some((word) => /[?!.,;:…]$/.test(word) || ofSentences.test(word));
}

/** What of a kind somebody means, where they write something to do that there is not. */
interface Written {
  readonly kind: DeskKind;
  readonly name: string;
}

const showing: Deed = { type: 'verb', verb: 'show' };
const mostOffered = 3;

/** Says which verbs there are for who asks, and offers them with what the line names. */
export function createUnknownDeed(desk: Desk, meaning: Meaning) {
  /** `frobnicate gpt` and `gpt frobnicate`: one of the words is to be done, and the others name something. */
  async function split({ kind, name }: Written, by: DeskCaller) {
    const words = name.split(' ');
    const [first = '', last = ''] = [words[0], words.at(-1)];
    const readings = [
      { verb: first, named: words.slice(1).join(' ') },
      { verb: last, named: words.slice(0, -1).join(' ') },
    ];
    for (const { verb, named } of readings) {
      const row = await rowCalled({ kind, name: named }, by);
      if (row !== undefined) return { verb, row };
    }
    return { verb: first, row: undefined };
  }

  /** The only thing that is called so, or nearly so. */
  async function rowCalled({ kind, name }: Written, by: DeskCaller): Promise<DeskRow | undefined> {
    const meant = await meaning.name({ kind, name, deed: showing, pairs: [] }, by);
    const found = await desk.find(kind.path, by, meant).catch((): readonly DeskRow[] => []);
    return found.length === 1 ? found[0] : undefined;
  }

  return async (written: Written, by: DeskCaller): Promise<AdminAnswer> => {
    const { kind } = written;
    const { verb, row } = await split(written, by);
    const offered = row === undefined ? [] : linesWith(kind, row).slice(0, mostOffered);
    const lines = offered.length > 0 ? offered : [`help ${kind.word}`];
    const sentences = [
      `${kind.many} have no ${code(verb.slice(0, 60))}. There is ${either(deedWords(kind).map(code))}.`,
      `Did you mean ${either(lines.map(code))}? With \`ask\` before it, it is a question.`,
    ];
    return say(
      sentences.join(' '),
      lines.map((line) => ({ label: line, line })),
    );
  };
}

/** What this caller may do with a thing, the usual first. */
function linesWith(kind: DeskKind, row: DeskRow): readonly string[] {
  const actions = kind.actions.filter(({ name, isRare }) => !isRare && row.actions.includes(name));
  const verbs = (['show', 'edit'] as const).filter((verb) => kind.allowed.has(verb));
  return [...verbs, ...actions.map(({ name }) => name)].map(
    (verb) => `${kind.word} ${verb} ${quoted(row.name)}`,
  );
}
