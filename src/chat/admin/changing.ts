import type { Along, Desk, DeskCaller, DeskKind, DeskRow, FormValues, Since } from '../desk.ts';
import { type AdminAnswer, type Button, say } from './answer.ts';
import type { Command, Pair } from './command-line.ts';
import { givenOf } from './given.ts';
import { isFailure, isLink, outputText } from './outputs.ts';
import { formAnswer, pairsText, tryTo, undoButtons, whenTaken, written } from './said.ts';
import type { Deed } from './vocabulary.ts';
import { differencesText, errorsText } from './words.ts';

/** An action on a row. */
export interface ActedOn {
  readonly path: string;
  readonly id: string;
  readonly action: string;
}

/** Whether and of which state somebody said that it is to be deleted. */
export interface Removing {
  readonly by: DeskCaller;
  readonly isSure: boolean;
  /** The revision that they saw. Absent: they asked for no look at it. */
  readonly seen?: string;
}

/** What changes something, or opens the form for it where a line does not say enough. */
export interface Changing {
  add(wanted: Command, by: DeskCaller): Promise<AdminAnswer>;
  edit(wanted: Command, row: DeskRow, by: DeskCaller): Promise<AdminAnswer>;
  /** Enables or disables. */
  turn(
    kind: DeskKind,
    row: DeskRow,
    how: { readonly by: DeskCaller; readonly isOn: boolean },
  ): Promise<AdminAnswer>;
  /** Deletes once that is confirmed. */
  remove(kind: DeskKind, row: DeskRow, how: Removing): Promise<AdminAnswer>;
  act(
    wanted: Command & { readonly deed: Extract<Deed, { type: 'action' }> },
    row: DeskRow,
    by: DeskCaller,
  ): Promise<AdminAnswer>;
  /** The action itself, with all that it needs. */
  acted(on: ActedOn, values: FormValues, by: DeskCaller): Promise<AdminAnswer>;
}

export function createChanging(desk: Desk): Changing {
  async function add({ kind, name, pairs }: Command, by: DeskCaller): Promise<AdminAnswer> {
    const named = name === '' ? [] : [{ key: kind.nameField, text: name }];
    const given = [...named, ...pairs.filter(({ key }) => key !== 'form')];
    const { values, errors } = givenOf(kind.form, given);
    const asked = { path: kind.path };
    const asks = new Set(kind.asks(values));
    const missing = kind.form.fields.filter(
      ({ isRequired, name: field }) => (isRequired || asks.has(field)) && !Object.hasOwn(values, field),
    );
    const line = `${kind.word} add ${pairsText(given)}`.trim();
    if (given.length === 0 || missing.length > 0 || Object.keys(errors).length > 0 || wantsForm(pairs))
      return formAnswer({
        asked,
        values,
        errors,
        line,
        title: `New ${kind.one}`,
        missing: missing.map(({ label }) => label),
      });
    return await tryTo(
      async () => written(await desk.write(kind.path, by, { values }), { kind, isNew: true }),
      (wrong) => formAnswer({ asked, values, errors: wrong, line, title: `New ${kind.one}`, missing: [] }),
    );
  }

  async function edit({ kind, pairs }: Command, row: DeskRow, by: DeskCaller): Promise<AdminAnswer> {
    const { form, revision } = await desk.form(kind.path, by, row.id);
    const given = pairs.filter(({ key }) => key !== 'form');
    const { values, errors } = givenOf(form, given);
    const asked = { path: kind.path, id: row.id };
    const line = `${kind.word} edit ${row.id} ${pairsText(given)}`.trim();
    const title = `Edit ${row.title}`;
    if (given.length === 0 || Object.keys(errors).length > 0 || wantsForm(pairs))
      return formAnswer({ asked, values, errors, line, title, missing: [] });
    return await tryTo(
      async () => {
        const change = { name: row.id, values, ...(revision === undefined ? {} : { revision }) };
        return written(await desk.write(kind.path, by, change), { kind, isNew: false });
      },
      (wrong) => formAnswer({ asked, values, errors: wrong, line, title, missing: [] }),
    );
  }

  async function turn(
    kind: DeskKind,
    row: DeskRow,
    { by, isOn }: { readonly by: DeskCaller; readonly isOn: boolean },
  ): Promise<AdminAnswer> {
    const field = kind.form.fields.find(({ name }) => name === 'is_enabled' || name === 'is_active');
    if (field === undefined) return say(`${kind.many} cannot be switched on and off.`);
    if (row.isOn === isOn) return say(`**${row.title}** is ${isOn ? 'enabled' : 'disabled'} already.`);
    const change = await desk.write(kind.path, by, { name: row.id, values: { [field.name]: isOn } });
    const head = `**${change.title}** is ${isOn ? 'enabled' : 'disabled'}.`;
    return say(
      [head, whenTaken(kind), change.consequence ?? ''].filter((part) => part !== '').join(' '),
      undoButtons(change.undo),
    );
  }

  async function remove(kind: DeskKind, row: DeskRow, { by, isSure, seen }: Removing): Promise<AdminAnswer> {
    const isSeen = seen === undefined || seen === row.revision;
    if (!isSure || !isSeen) return await askToRemove(kind, row, { by, isSure, ...(isSeen ? {} : { seen }) });
    const successor = await desk.successor(kind.path, by, row.id);
    const { title, undo } = await desk.remove(kind.path, by, row.id, row.revision);
    return say([`**${title}** is deleted.`, successor?.sentence ?? ''].join(' ').trim(), undoButtons(undo));
  }

  /** The button deletes what is shown here and no other state of it. */
  async function askToRemove(
    kind: DeskKind,
    { id, title, revision }: DeskRow,
    { by, seen }: Removing,
  ): Promise<AdminAnswer> {
    const [successor, along, since] = await Promise.all([
      desk.successor(kind.path, by, id),
      desk.dependents(kind.path, by, id),
      seen === undefined ? undefined : desk.since(kind.path, by, { id, revision: seen }),
    ]);
    const parts = [
      since === undefined ? '' : meanwhileText(since),
      `Delete the ${kind.one} **${title}**${since === undefined ? '' : ' as it is now'}?`,
      successor === undefined ? '' : `${successor.otherwise} ${successor.sentence}`,
      along.sentences.map((sentence) => `- ${sentence}`).join('\n'),
      afterwards(along),
    ];
    const state = revision === undefined ? '' : ` revision=${revision}`;
    return {
      type: 'confirm',
      text: parts.filter((part) => part !== '').join('\n\n'),
      buttons: [{ label: 'Delete', line: `${kind.word} delete ${id}${state} confirm=yes`, style: 'danger' }],
      isPublic: false,
    };
  }

  async function act(
    { kind, deed, pairs }: Command & { readonly deed: Extract<Deed, { type: 'action' }> },
    row: DeskRow,
    by: DeskCaller,
  ): Promise<AdminAnswer> {
    const { action } = deed;
    const given = pairs.filter(({ key }) => key !== 'form');
    const { values, errors } = givenOf({ fields: action.fields }, given);
    const asked = { path: kind.path, id: row.id, action: action.name };
    const line = `${kind.word} ${action.name} ${row.id} ${pairsText(given)}`.trim();
    const missing = action.fields.filter((field) => field.isRequired && !Object.hasOwn(values, field.name));
    if (
      missing.length > 0 ||
      Object.keys(errors).length > 0 ||
      (wantsForm(pairs) && action.fields.length > 0)
    )
      return formAnswer({
        asked,
        values,
        errors,
        line,
        title: `${action.label}: ${row.title}`,
        missing: missing.map(({ label }) => label),
      });
    return await tryTo(
      async () => await acted(asked, values, by),
      (wrong) => say(`That cannot be done:\n\n${errorsText(wrong)}`),
    );
  }

  async function acted(
    { path, id, action }: ActedOn,
    values: FormValues,
    by: DeskCaller,
  ): Promise<AdminAnswer> {
    const { title, output, undo, consequence } = await desk.act(path, by, { id, action, values });
    const kind = desk.kinds(by).find((known) => known.path === path);
    const next = isFailure(output) && kind !== undefined ? againButtons(kind, { id, action }) : [];
    const said = [`**${title}**`, outputText(output), consequence ?? ''].filter((part) => part !== '');
    const answer = say(said.join('\n\n'), [...undoButtons(undo), ...next]);
    return isLink(output) ? { ...answer, isSecret: true } : answer;
  }

  return { add, edit, turn, remove, act, acted };
}

/** What people do about something that did not work. */
function againButtons(kind: DeskKind, { id, action }: Pick<ActedOn, 'id' | 'action'>): readonly Button[] {
  const edit = kind.allowed.has('edit') ? [{ label: 'Edit', line: `${kind.word} edit ${id}` }] : [];
  return [...edit, { label: 'Try again', line: `${kind.word} ${action} ${id}` }];
}

/** Nothing was done: it is not what they saw any more. */
function meanwhileText({ sentences, differences }: Since): string {
  const who = sentences.length === 0 ? ['Somebody changed it.'] : sentences;
  const what = differencesText(differences);
  const head = `Nothing was deleted, because it changed since you were asked. ${who.join(' ')}`;
  return what === '' ? head : `${head}\n\n${what}`;
}

/** What Undo will do about it. */
function afterwards({ sentences, isUndoable }: Along): string {
  if (!isUndoable) return 'This cannot be undone.';
  return sentences.length === 0 ? '' : 'Undo brings all of that back, for ten minutes.';
}

function wantsForm(pairs: readonly Pair[]): boolean {
  return pairs.some(({ key }) => key === 'form');
}
