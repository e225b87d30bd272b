import { createHash } from 'node:crypto';
import type { Desk, DeskCaller, DeskKind, FormValues } from '../desk.ts';
import { ChangedError } from '../errors.ts';
import type { Choice, Form } from '../form.ts';
import { type AskedForm, type Sent, say } from './answer.ts';
import type { Changing } from './changing.ts';
import type { Choosing } from './choosing.ts';
import type { GivenNow, Placed } from './placed.ts';
import type { Refusing } from './refusing.ts';
import { written } from './said.ts';
import { differencesText } from './words.ts';

/** A form that somebody sent. */
export interface SentForm {
  readonly asked: AskedForm;
  readonly values: FormValues;
  /** Of the row as the form showed it. */
  readonly revision?: string;
  /** Of the change as it was shown, where it was. */
  readonly seen?: string;
}

/** What a view or a card keeps of the form that it shows. */
export interface KeptPlace extends AskedForm {
  readonly revision?: string;
  /** Of the change that it shows. */
  readonly seen?: string;
}

/** Which form a place is of. */
export function askedOf({ path, id, action }: KeptPlace): AskedForm {
  return { path, ...(id === undefined ? {} : { id }), ...(action === undefined ? {} : { action }) };
}

/** What was filled in, with what its place says of what it was drawn from. */
export function sentOf(place: KeptPlace, values: FormValues): SentForm {
  const { revision, seen } = place;
  return {
    asked: askedOf(place),
    values,
    ...(revision === undefined ? {} : { revision }),
    ...(seen === undefined ? {} : { seen }),
  };
}

/** A form to be drawn. */
export interface OpenForm {
  readonly form: Form;
  readonly revision?: string;
  /** What it says can be tried before it is saved. */
  readonly canTry: boolean;
}

/** Forms, from their opening to what becomes of them. */
export interface SentForms {
  /** The form that an answer asks for. Throws what the desk throws. */
  open(asked: AskedForm, by: DeskCaller): Promise<OpenForm>;
  /** What a line gave, where the form asks for it now; for forms that are drawn anew. Throws what the desk throws. */
  placed(asked: AskedForm, by: DeskCaller, now: GivenNow): Promise<Placed>;
  /** A form that was filled in. Throws `InvalidError` for what is wrong at its fields. */
  send(sent: SentForm, by: DeskCaller): Promise<Sent>;
  /** What may be chosen where a form asks for a secret. Throws `ForbiddenError` for who manages nothing that has one. */
  references(words: string, by: DeskCaller): Promise<readonly Choice[]>;
  /** Who may be chosen where a form asks for somebody. Throws `ForbiddenError` for who gives nothing. */
  principals(words: string, by: DeskCaller): Promise<readonly Choice[]>;
  /** Tries what a form says, without saving it. Throws `InvalidError`. */
  tryOut(sent: SentForm, by: DeskCaller): Promise<{ readonly ok: boolean; readonly message: string }>;
}

export interface SentFormsOptions {
  readonly desk: Desk;
  readonly refusing: Refusing;
  readonly choosing: Choosing;
  readonly acted: Changing['acted'];
}

/** A change of a row, as a form says it. */
interface FormChange {
  readonly path: string;
  readonly id: string;
  readonly values: FormValues;
  readonly kind: DeskKind | undefined;
  readonly revision: string | undefined;
  readonly seen: string | undefined;
}

export function createSentForms({ desk, refusing, choosing, acted }: SentFormsOptions): SentForms {
  const { naming, refuseKeys } = refusing;

  function kindOf({ path, action }: AskedForm, by: DeskCaller): DeskKind | undefined {
    const kind = desk.kinds(by).find((known) => known.path === path);
    return action === undefined || kind?.actions.some(({ name }) => name === action) === true
      ? kind
      : undefined;
  }

  /** What changes is shown before it is saved; so is what it would change of a row that changed meanwhile. */
  async function sendChange(
    { path, id, values, kind, revision, seen }: FormChange,
    by: DeskCaller,
  ): Promise<Sent> {
    const latest = (await desk.form(path, by, id)).revision;
    const isStale = revision !== undefined && latest !== revision;
    const differences = await desk.preview(path, by, { name: id, values });
    if (differences.length === 0)
      return { type: 'answer', answer: say('Nothing changed: it is so already.') };
    const digest = createHash('sha256')
      .update(JSON.stringify([latest, differences]))
      .digest('hex')
      .slice(0, 16);
    if (seen === digest && !isStale) {
      try {
        const change = await desk.write(path, by, {
          name: id,
          values,
          ...(latest === undefined ? {} : { revision: latest }),
        });
        return { type: 'answer', answer: written(change, { kind, isNew: false }) };
      } catch (error) {
        if (!(error instanceof ChangedError)) throw error;
      }
    }
    const head = isStale
      ? 'Somebody changed it since you opened it. As it is now, you would change:'
      : 'This changes:';
    return {
      type: 'check',
      text: `${head}\n\n${differencesText(differences)}`,
      seen: digest,
      ...(latest === undefined ? {} : { revision: latest }),
    };
  }

  return {
    open: ({ path, id, action }, by) =>
      naming(async () => {
        const kind = kindOf({ path, ...(action === undefined ? {} : { action }) }, by);
        if (action !== undefined) {
          const about = kind?.actions.find(({ name }) => name === action);
          const form = {
            title: about?.label ?? action,
            submit: about?.label ?? 'Do it',
            fields: about?.fields ?? [],
          };
          return { form, canTry: false };
        }
        const asked = { path, ...(id === undefined ? {} : { id }) };
        return { ...(await choosing.form(asked, by)), canTry: kind?.canTry ?? false };
      }),
    placed: (asked, by, now) => naming(async () => await choosing.placed(asked, by, now)),
    send: ({ asked, values, revision, seen }, by) =>
      naming(async (): Promise<Sent> => {
        const { path, id, action } = asked;
        refuseKeys(values);
        if (id !== undefined && action !== undefined)
          return { type: 'answer', answer: await acted({ path, id, action }, values, by) };
        const kind = kindOf(asked, by);
        return await choosing.folded({ asked, values }, by, async (whole) =>
          id === undefined
            ? {
                type: 'answer',
                answer: written(await desk.write(path, by, { values: whole }), { kind, isNew: true }),
              }
            : await sendChange({ path, id, values: whole, kind, revision, seen }, by),
        );
      }),
    references: (words, by) => desk.references(by, words),
    principals: (words, by) => desk.principals(by, words),
    tryOut: ({ asked, values }, by) =>
      naming(async () => {
        const { path, id } = asked;
        refuseKeys(values);
        return await choosing.folded(
          { asked, values },
          by,
          async (whole) =>
            await desk.tryOut(path, by, { values: whole, ...(id === undefined ? {} : { name: id }) }),
        );
      }),
  };
}
