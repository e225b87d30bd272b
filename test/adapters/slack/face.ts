import { until } from '../../bot/stage.ts';
import {
  isRecord,
  type Json,
  records,
  type SlackMessage,
  type SlackUser,
  type SlackView,
  text,
} from '../../fakes/slack/state.ts';
import type { Face } from '../../scenarios/run.ts';
import type { SlackStage } from './stage.ts';

/** Slack's double as the people of a scenario see it: Bob administers, Alice may look. */
export function slackFace(at: SlackStage): Face {
  const users = { admin: at.bob, viewer: at.alice };
  const last = new Map<string, SlackMessage>();

  /** What came as an answer: to the command itself, to its response URL, or as a modal. */
  async function shown(user: SlackUser, body: unknown, before: Before): Promise<string> {
    const isLate = JSON.stringify(body ?? '').includes('One moment…');
    if (isRecord(body) && records(body.blocks).length > 0 && !isLate) return note(user, body);
    await until(() => answersSince(before).length > 0 || modalSince(user, before), 60_000);
    const [answer] = answersSince(before).slice(-1);
    return answer === undefined ? JSON.stringify(at.people.modal(user)?.view) : note(user, answer);
  }

  interface Before {
    readonly answers: number;
    readonly modal: string | undefined;
    readonly notices: number;
  }

  const answers = (): readonly Json[] => [...at.slack.responses.values()].flat();
  const notices = (user: SlackUser) => at.people.notices(user, at.ops);
  function now(user: SlackUser): Before {
    return {
      answers: answers().length,
      modal: JSON.stringify(at.people.modal(user)?.view),
      notices: notices(user).length,
    };
  }
  const answersSince = (before: Before) => answers().slice(before.answers);
  function modalSince(user: SlackUser, before: Before): boolean {
    const view = JSON.stringify(at.people.modal(user)?.view);
    return view !== undefined && view !== before.modal && !/One moment…|Testing…/.test(view);
  }

  function note(user: SlackUser, body: Json): string {
    last.set(user.id, {
      channel: at.ops,
      ts: '1.1',
      text: text(body.text),
      blocks: records(body.blocks),
      attachments: [],
      files: [],
      reactions: [],
      streamed: '',
      chunks: [],
      isDeleted: false,
      onlyFor: user.id,
    });
    return wordsIn(body.blocks);
  }

  function buttonOf(message: SlackMessage, label: string, row: string | undefined): Pressed {
    for (const block of message.blocks) {
      if (row !== undefined && !wordsIn([block]).includes(row)) continue;
      const elements = [...records(block.elements), ...(isRecord(block.accessory) ? [block.accessory] : [])];
      for (const element of elements) {
        const option = records(element.options).find((one) => labelOf(one) === label);
        if (option !== undefined) return { action: text(element.action_id), option };
        if (labelOf(element) === label) return { action: text(element.action_id) };
      }
    }
    throw new Error(`there is no button ${label}: ${wordsIn(message.blocks)}`);
  }

  /** Slack lets people choose only what the app offers while they type. */
  async function lookUp(
    user: SlackUser,
    modal: SlackView,
    values: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    for (const block of records(modal.view.blocks)) {
      const value = values[text(block.block_id)];
      if (!isRecord(block.element) || block.element.type !== 'external_select' || value === undefined)
        continue;
      const { body } = await at.people.options(user, modal, text(block.element.action_id), String(value));
      const offered = isRecord(body) ? records(body.options).map((option) => option.value) : [];
      if (!offered.includes(value)) throw new Error(`${String(value)} is not offered: ${offered.join(', ')}`);
    }
  }

  async function submit(user: SlackUser, values: Readonly<Record<string, unknown>>): Promise<string> {
    const modal = at.people.modal(user);
    if (modal === undefined) throw new Error('no form is open');
    const before = now(user);
    await lookUp(user, modal, values);
    const delivered = await at.people.submit(user, modal, values);
    const answer = isRecord(delivered.body) ? delivered.body : {};
    if (answer.response_action === 'errors') return JSON.stringify(answer.errors);
    const seen = answer.response_action === 'update' ? JSON.stringify(answer.view) : '';
    if (seen !== '') return `${seen}\n${seen.includes('This changes') ? await submit(user, values) : ''}`;
    await until(() => answersSince(before).length > 0 || notices(user).length > before.notices, 60_000);
    const [told] = answersSince(before).slice(-1);
    return note(user, told ?? { blocks: notices(user).at(-1)?.blocks ?? [] });
  }

  return {
    async say(who, line) {
      const user = users[who];
      const before = now(user);
      const { body } = await at.people.command(user, at.ops, line);
      return await shown(user, body, before);
    },
    async press(who, label, row) {
      const user = users[who];
      const message = last.get(user.id);
      if (message === undefined) throw new Error('nothing was answered yet');
      const before = now(user);
      const { action, option } = buttonOf(message, label, row);
      await at.people.click(user, message, action, option);
      return await shown(user, undefined, before);
    },
    async try(who, values) {
      const user = users[who];
      const modal = at.people.modal(user);
      if (modal === undefined) throw new Error('no form is open');
      const before = now(user);
      await lookUp(user, modal, values);
      await at.people.click(user, at.people.filled(modal, values), 'form_try');
      return await shown(user, undefined, before);
    },
    send: (who, values) => submit(users[who], values),
  };
}

interface Pressed {
  readonly action: string;
  readonly option?: Json;
}

function labelOf(element: Json): string {
  return isRecord(element.text) ? text(element.text.text) : '';
}

/** All texts of blocks, as they are read. */
export function wordsIn(blocks: unknown): string {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (!isRecord(value)) return;
    if (typeof value.text === 'string') found.push(value.text);
    for (const inner of Object.values(value)) if (typeof inner === 'object') walk(inner);
  };
  walk(blocks);
  return found.join('\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
