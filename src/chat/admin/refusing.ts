import type { Desk, DeskKind, FormValues } from '../desk.ts';
import { ForbiddenError, InvalidError } from '../errors.ts';
import { sentenceOf } from '../sentence.ts';
import { type AdminAnswer, say } from './answer.ts';
import { type Deed, mayDo } from './vocabulary.ts';
import { code, either, errorsText } from './words.ts';

/** How people are told that something cannot be done, and whom to ask. */
export interface Refusing {
  /** Why this cannot be done with things of this kind. Undefined: it can. */
  refusal(kind: DeskKind, deed: Deed): Promise<AdminAnswer | undefined>;
  /** What cannot be done is said in a sentence. */
  saying(work: () => Promise<AdminAnswer | undefined>): Promise<AdminAnswer | undefined>;
  /** Whoever is refused is told whom to ask, by the error that is thrown on. */
  naming<T>(work: () => Promise<T>): Promise<T>;
  /** Throws `InvalidError` where a value looks like a secret. */
  refuseKeys(values: FormValues): void;
}

export function createRefusing(desk: Desk): Refusing {
  async function refusal(kind: DeskKind, deed: Deed): Promise<AdminAnswer | undefined> {
    if (deed.type === 'verb' && !kind.verbs.has(deed.verb)) {
      return say(`${kind.many} have no \`${deed.verb}\`. There is ${either([...kind.verbs].map(code))}.`);
    }
    if (mayDo(kind, deed)) return undefined;
    const needed =
      deed.type === 'verb'
        ? kind.needs[deed.verb]
        : kind.needs[deed.action.needs === 'view' ? 'show' : 'edit'];
    return say(
      await forbidden(`You may not do that: it needs the permission ${needed.map(code).join(' and ')}.`),
    );
  }

  async function forbidden(sentence: string): Promise<string> {
    const granters = await desk.granters().catch((): readonly string[] => []);
    return granters.length === 0
      ? `${sentence} Ask an administrator for it.`
      : `${sentence} Ask ${either(granters)}, who can grant it.`;
  }

  async function saying(work: () => Promise<AdminAnswer | undefined>): Promise<AdminAnswer | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof InvalidError) return say(`That cannot be saved:\n\n${errorsText(error.fields)}`);
      if (error instanceof ForbiddenError) return say(await forbidden(withoutAdvice(error.message)));
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      return say(sentence);
    }
  }

  async function naming<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ForbiddenError)) throw error;
      throw new ForbiddenError(await forbidden(withoutAdvice(error.message)), error.code);
    }
  }

  function refuseKeys(values: FormValues): void {
    const wrong = Object.entries(values).flatMap(([name, value]) => {
      const refused = desk.refusal(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
      return refused === undefined ? [] : [[name, [refused]] as const];
    });
    if (wrong.length > 0) throw new InvalidError(Object.fromEntries(wrong));
  }

  return { refusal, saying, naming, refuseKeys };
}

function withoutAdvice(sentence: string): string {
  return sentence.replace(/; ask an administrator.*$/, '.');
}
