import type { Desk, DeskCaller, DeskKind, DeskRow, FormValues } from '../desk.ts';
import { type AdminAnswer, say } from './answer.ts';
import type { Command, Pair } from './command-line.ts';
import { givenOf } from './given.ts';
import { isLink, outputText } from './outputs.ts';
import { formAnswer, pairsText, tryTo, undoButtons, written } from './said.ts';
import type { Deed } from './vocabulary.ts';
import { errorsText } from './words.ts';

/** An action on a row. */
export interface ActedOn {
  readonly path: string;
  readonly id: string;
  readonly action: string;
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
  remove(
    kind: DeskKind,
    row: DeskRow,
    how: { readonly by: DeskCaller; readonly isSure: boolean },
  ): Promise<AdminAnswer>;
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
    const missing = kind.form.fields.filter(
      (field) => field.isRequired && !Object.hasOwn(values, field.name),
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
    return say(
      `**${change.title}** is ${isOn ? 'enabled' : 'disabled'}. It takes effect at the next message.`,
      undoButtons(change.undo),
    );
  }

  async function remove(
    kind: DeskKind,
    row: DeskRow,
    { by, isSure }: { readonly by: DeskCaller; readonly isSure: boolean },
  ): Promise<AdminAnswer> {
    if (isSure) {
      const { title, undo } = await desk.remove(kind.path, by, row.id, row.revision);
      return say(`**${title}** is deleted.`, undoButtons(undo));
    }
    const dependents = await desk.dependents(kind.path, by, row.id);
    const along = dependents.map((sentence) => `- ${sentence}`).join('\n');
    const more = along === '' ? '' : `\n\n${along}\n\nWhat goes along cannot be brought back by Undo.`;
    return {
      type: 'confirm',
      text: `Delete the ${kind.one} **${row.title}**?${more}`,
      buttons: [{ label: 'Delete', line: `${kind.word} delete ${row.id} confirm=yes`, style: 'danger' }],
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
    const { title, output, undo } = await desk.act(path, by, { id, action, values });
    const answer = say(`**${title}**\n\n${outputText(output)}`, undoButtons(undo));
    return isLink(output) ? { ...answer, isSecret: true } : answer;
  }

  return { add, edit, turn, remove, act, acted };
}

function wantsForm(pairs: readonly Pair[]): boolean {
  return pairs.some(({ key }) => key === 'form');
}
