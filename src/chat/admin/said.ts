import type { DeskChange, DeskKind, FormValues } from '../desk.ts';
import { InvalidError } from '../errors.ts';
import type { FieldErrors } from '../form.ts';
import { type AdminAnswer, type AskedForm, type Button, say } from './answer.ts';
import type { Pair } from './command-line.ts';
import { quoted } from './tokens.ts';
import { code, differencesText, errorsText } from './words.ts';

/** What was written as pairs, to stand in a line again. */
export function pairsText(pairs: readonly Pair[]): string {
  return pairs.map(({ key, text }) => `${key}=${quoted(text)}`).join(' ');
}

/** Nothing was done; what was meant perhaps is one press away. */
export function mistake(sentence: string, meant?: string): AdminAnswer {
  if (meant === undefined) return say(`${sentence} \`help\` lists what I understand.`);
  return say(`${sentence} Did you mean ${code(meant)}?`, [{ label: meant, line: meant }]);
}

/** A form that cannot be opened at once. */
export function formAnswer({
  asked,
  values,
  errors,
  line,
  title,
  missing,
}: {
  readonly asked: AskedForm;
  readonly values: FormValues;
  readonly errors: FieldErrors;
  readonly line: string;
  readonly title: string;
  readonly missing: readonly string[];
}): AdminAnswer {
  const wrong = Object.keys(errors).length === 0 ? '' : `\n\n${errorsText(errors)}`;
  const open = missing.length === 0 ? '' : ` Still needed: ${missing.join(', ')}.`;
  return {
    type: 'form',
    asked,
    values,
    errors,
    text: `**${title}**${open}${wrong}`,
    button: { label: 'Open the form', line: `${line} form=yes`, style: 'primary' },
    isPublic: false,
  };
}

/** Does it, or opens the form with what is wrong at its fields. */
export async function tryTo(
  work: () => Promise<AdminAnswer>,
  otherwise: (errors: FieldErrors) => AdminAnswer,
): Promise<AdminAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidError) return otherwise(error.fields);
    throw error;
  }
}

/** What became of a row that was saved. */
export function written(
  { title, id, differences, undo, reveal, problem, consequence = '' }: DeskChange,
  { kind, isNew }: { readonly kind: DeskKind | undefined; readonly isNew: boolean },
): AdminAnswer {
  if (!isNew && differences.length === 0) return say(`Nothing changed: **${title}** is so already.`);
  const head = isNew ? `**${title}** is made.` : `**${title}** is changed.`;
  const once = Object.entries(reveal ?? {}).map(
    ([name, value]) => `Its ${name}, shown this once:\n\n\`\`\`\n${String(value)}\n\`\`\``,
  );
  const isSaid = problem === undefined || differences.some(({ after }) => after === problem);
  const odd = isSaid ? '' : `⚠️ ${problem}`;
  const diff = differencesText(differences, isNew);
  const first = [head, whenTaken(kind), consequence].filter((part) => part !== '').join(' ');
  const parts = [first, odd, ...once, diff].filter((part) => part !== '');
  const next = kind === undefined ? [] : nextButtons(kind, id, isNew);
  const answer = say(parts.join('\n\n'), [...undoButtons(undo), ...next]);
  return reveal === undefined ? answer : { ...answer, isSecret: true };
}

/** What has times of its own, or is of programs, has nothing to do with the next message. */
const ofNoMessage: ReadonlySet<string> = new Set(['schedules', 'api-tokens', 'alert-routes']);

/** When a change counts. */
export function whenTaken(kind: Pick<DeskKind, 'path'> | undefined): string {
  return kind !== undefined && ofNoMessage.has(kind.path) ? '' : 'It takes effect at the next message.';
}

/** What people do next with something new. */
function nextButtons(kind: DeskKind, id: string, isNew: boolean): readonly Button[] {
  const checks = kind.actions.filter(
    ({ name, isAllowed }) => isAllowed && ['test', 'health-check', 'preview'].includes(name),
  );
  const first = ['set-default', 'run-now'];
  const more = isNew ? kind.actions.filter(({ name, isAllowed }) => isAllowed && first.includes(name)) : [];
  return [...checks, ...more].map(({ name, label }) => ({ label, line: `${kind.word} ${name} ${id}` }));
}

/** Nothing where it cannot be undone. */
export function undoButtons(undo: string | undefined): readonly Button[] {
  return undo === undefined ? [] : [{ label: 'Undo', line: `undo ${undo}` }];
}
