import { principalProblem } from '../access/principals.ts';
import type { Choice } from '../chat/form.ts';
import type { Resource, Row } from './definition.ts';
import { grants } from './grants.ts';
import { identities } from './identities.ts';
import { displayOf } from './present.ts';
import type { Rows } from './rows.ts';
import type { World } from './world.ts';
import type { Changed } from './write-row.ts';

const most = 50;
const people = /^(?:slack|teams|web):/;

/** Whether a form of it asks for somebody. */
export function asksWhom({ fields }: Resource): boolean {
  return Object.values(fields).some(({ widget }) => isWhom(widget));
}

function isWhom(widget: Resource['fields'][string]['widget']): boolean {
  return widget.type === 'principal' || (widget.type === 'texts' && widget.arePeople === true);
}

/**
 * Those to whom something can be given whose names hold these words: people that are known, whoever something was
 * given to before, and the words themselves where they are a principal.
 */
export async function principalsLike(words: string, rows: Rows): Promise<readonly Choice[]> {
  const wanted = words.trim().replace(/^@/, '');
  const q = wanted === '' ? {} : { q: wanted };
  const [known, given] = await Promise.all([
    rows.list(identities, { filters: [], order: ['name'], limit: most, offset: 0, ...q }),
    rows.list(grants, { filters: [], order: [], limit: most, offset: 0, ...q }),
  ]);
  const others = given.rows.map((row) => String(row.principal));
  const typed = principalProblem(wanted) === undefined ? [wanted] : [];
  const found = [
    ...known.rows.map(choiceOf),
    ...[...others, ...typed].map((value) => ({ value, label: value })),
  ];
  return found.filter(({ value }, n) => found.findIndex((one) => one.value === value) === n);
}

function choiceOf(row: Row): Choice {
  const platform = platforms[String(row.principal).split(':')[0] ?? ''] ?? '';
  const email = typeof row.email === 'string' && row.email !== '' ? row.email : '';
  const about = [email, platform].filter((part) => part !== '').join(', ');
  const label = row.name === '' ? displayOf(identities, row) : `${String(row.name)} (${about})`;
  return { value: String(row.principal), label };
}

const platforms: Readonly<Record<string, string>> = { slack: 'Slack', teams: 'Teams', web: 'console' };

/** Sentences about people whom a row names since it was written, and whom the bot never saw. */
export async function strangersIn(
  resource: Resource,
  { row, before }: Changed,
  { rows, world }: { readonly rows: Rows; readonly world: Pick<World, 'personOf'> },
): Promise<readonly string[]> {
  const named = Object.entries(resource.fields)
    .filter(([, { widget, isReadOnly }]) => isWhom(widget) && !isReadOnly)
    .flatMap(([name]) => textsOf(row[name]).filter((text) => !textsOf(before?.[name]).includes(text)))
    .filter((principal) => people.test(principal));
  const told = named.map(async (principal) => {
    if ((await rows.find(identities, { name: principal })) !== undefined) return [];
    return [strangerSentence(principal, await world.personOf(principal))];
  });
  return (await Promise.all(told)).flat();
}

function textsOf(value: unknown): readonly string[] {
  return [value].flat().filter((one) => typeof one === 'string');
}

function strangerSentence(principal: string, who: Awaited<ReturnType<World['personOf']>>): string {
  const platform = platforms[principal.split(':')[0] ?? ''] ?? '';
  if (who?.type === 'person')
    return `I have never heard from ${who.name} (${principal}); ${platform} says that there is such a person.`;
  const check = 'Check the id: whoever has it, gets this.';
  if (who?.type === 'nobody') return `${platform} knows nobody with the id ${principal}. ${check}`;
  return `I have never heard from anybody with the id ${principal}. ${check}`;
}
