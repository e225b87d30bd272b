import { until } from '../../bot/stage.ts';
import { buttonsOf, inputsOf, wordsOf } from '../../fakes/teams/card-parts.ts';
import type { Delivered } from '../../fakes/teams/delivery.ts';
import { isRecord, type Json, record, records, text } from '../../fakes/teams/json.ts';
import type { Dialog } from '../../fakes/teams/people-clicking.ts';
import type { Shown } from '../../fakes/teams/shown.ts';
import type { TeamsMessage, TeamsUser } from '../../fakes/teams/state.ts';
import type { Face } from '../../scenarios/run.ts';
import type { TeamsStage } from './stage.ts';

type Who = Parameters<Face['say']>[0];

/** Teams' double as the people of a scenario see it, each in their own chat: Bob administers, Alice may look. */
export function teamsFace(at: TeamsStage, others: Partial<Readonly<Record<Who, TeamsUser>>> = {}): Face {
  const users = { admin: at.bob, viewer: at.alice, ...others };
  const last = new Map<string, readonly TeamsMessage[]>();
  const chatOf = (user: TeamsUser) => at.people.personal(user);
  const look = (user: TeamsUser, messages: readonly TeamsMessage[]): readonly Shown[] =>
    messages.map((message) => at.people.look(user, message));
  const words = (shown: readonly Shown[]) => shown.map((one) => one.words).join('\n');

  /** What was said since, once its last card is there; a form that is offered is opened. */
  async function answered(user: TeamsUser, before: number): Promise<string> {
    await until(() => at.people.heard(chatOf(user)).length > before, 60_000);
    const messages = at.people.heard(chatOf(user)).slice(before);
    last.set(user.id, messages);
    const shown = look(user, messages);
    const offer = messages.find((message) => at.people.look(user, message).buttons.includes('Open the form'));
    if (offer === undefined) return words(shown);
    await at.people.click(user, offer, 'Open the form');
    return `${words(shown)}\n${dialogWords(user)}`;
  }

  function open(user: TeamsUser): Dialog {
    const dialog = at.people.dialog(user);
    if (dialog === undefined) throw new Error('no form is open');
    return dialog;
  }

  const dialogWords = (user: TeamsUser) => `${open(user).title}\n${wordsOf(open(user).card)}`;

  /** As the inputs are called; what is looked up is looked up first. */
  async function filled(user: TeamsUser, values: Readonly<Record<string, unknown>>): Promise<Json> {
    const dialog = open(user);
    const entries = Object.entries(values).map(([name, value]) => [`field:${name}`, value] as const);
    for (const [id, value] of entries) {
      const input = inputsOf(dialog.card).find((one) => one.id === id);
      if (isRecord(input?.['choices.data'])) await at.people.search(user, dialog, id, String(value));
    }
    return Object.fromEntries(entries);
  }

  const sending = (user: TeamsUser) =>
    text(buttonsOf(open(user).card).find(({ action }) => action.style === 'positive')?.title);

  async function send(user: TeamsUser, values: Readonly<Record<string, unknown>>): Promise<string> {
    const before = at.people.heard(chatOf(user)).length;
    await at.people.submit(user, sending(user), await filled(user, values));
    if (at.people.dialog(user) === undefined) return await answered(user, before);
    const seen = dialogWords(user);
    return seen.includes('This changes') ? `${seen}\n${await send(user, {})}` : seen;
  }

  async function press(user: TeamsUser, label: string, row: string | undefined): Promise<string> {
    const messages = last.get(user.id) ?? [];
    const message = messages.findLast((one) => at.people.look(user, one).buttons.includes(label));
    if (message === undefined) throw new Error(`there is no button ${label}: ${words(look(user, messages))}`);
    const [heard, told] = [at.people.heard(chatOf(user)).length, at.people.notices(user).length];
    const title = row === undefined ? label : buttonIn(at.people.look(user, message), { row, label });
    const delivered = await at.people.click(user, message, title);
    if (isCard(delivered)) return words(look(user, [message]));
    if (at.people.dialog(user)?.message === message) return dialogWords(user);
    if (at.people.heard(chatOf(user)).length > heard) return await answered(user, heard);
    const said = at.people.notices(user).slice(told).join('\n');
    return said.includes('takes longer') ? await answered(user, heard) : said;
  }

  return {
    async say(who, line) {
      const user = users[who];
      const before = at.people.heard(chatOf(user)).length;
      at.people.closeDialog(user);
      await at.people.say(user, chatOf(user), `/aiops ${line}`);
      return await answered(user, before);
    },
    press: (who, label, row) => press(users[who], label, row),
    async try(who, values) {
      const user = users[who];
      await at.people.submit(user, 'Test before saving', await filled(user, values));
      while (dialogWords(user).includes('still being tested'))
        await at.people.submit(user, 'Test before saving');
      return dialogWords(user);
    },
    send: (who, values) => send(users[who], values),
  };
}

function isCard({ body }: Delivered): boolean {
  return text(record(body).type) === 'application/vnd.microsoft.card.adaptive';
}

/** The id of a row's button. */
function buttonIn(shown: Shown, { row, label }: { readonly row: string; readonly label: string }): string {
  const rows = shown.cards.flatMap((card) => records(card.body)).flatMap(({ rows }) => records(rows));
  const wanted = rows.find((one) => wordsOf({ body: [one] }).includes(row));
  const button = buttonsOf(record(wanted)).find(({ title }) => title === label);
  if (button === undefined) throw new Error(`the row ${row} has no button ${label}`);
  return text(button.action.id);
}
