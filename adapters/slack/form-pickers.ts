import type { App } from '@slack/bolt';
import type { Choice } from '../../src/chat/form.ts';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { longestValue, optionOf, secretOptions } from './form-options.ts';
import { choicePrefix, principalAction, secretAction } from './forms.ts';
import { teamOf } from './inbound.ts';
import { principalOf } from './thread-id.ts';

/** Slack takes no more. https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element */
const mostOptions = 100;

/** What can be chosen in a form is looked up while somebody writes. */
export function mountPickers(app: App, context: SlackContext): void {
  const { desk, administration } = context;

  /** None where they cannot be looked up: Slack has no place for a reason. */
  async function found(
    json: Json,
    look: (person: Person, words: string) => Promise<readonly Choice[]>,
  ): Promise<readonly Choice[]> {
    try {
      const person = await personOf(context, { team: teamOf(json), user: textOf(at(json, 'user', 'id')) });
      return await look(person, textOf(json.value));
    } catch (error) {
      context.log.warn('slack_choices_failed', { error });
      return [];
    }
  }

  app.options(new RegExp(`^${choicePrefix}`), async ({ ack, body }) => {
    const json: Json = { ...body };
    const path = textOf(json.action_id).slice(choicePrefix.length);
    const choices = await found(json, (person, words) => desk.choices(path, person, words));
    await ack({ options: choices.slice(0, mostOptions).map(optionOf) });
  });

  app.options(secretAction, async ({ ack, body }) => {
    const json: Json = { ...body };
    const references = await found(json, (person, words) => administration.references(words, person));
    await ack({ options: secretOptions(references, textOf(json.value)) });
  });

  app.options(principalAction, async ({ ack, body }) => {
    const choices = await found({ ...body }, principals);
    const fitting = choices.filter(({ value }) => value.length <= longestValue);
    await ack({ options: fitting.slice(0, mostOptions).map(optionOf) });
  });

  /** Those whom the bot knows, and those whom the workspace knows. */
  async function principals(person: Person, words: string): Promise<readonly Choice[]> {
    const [known, members] = await Promise.all([
      administration.principals(words, person),
      context.directory.membersLike(person.team, words),
    ]);
    const others = members
      .map(({ user, name, email }) => ({
        value: principalOf(person.team, user),
        label: email === '' ? name : `${name} (${email})`,
      }))
      .filter(({ value }) => !known.some((one) => one.value === value));
    return [...known, ...others];
  }
}
