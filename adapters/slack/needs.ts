import type { App } from '@slack/bolt';
import type { ApprovalView } from '../../src/chat/bot.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { type Click, clickOf, redraw } from './approval-click.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { elsewhere, isAskedHere } from './elsewhere.ts';
import { sentenceOf } from './errors.ts';
import { filledOf, wrongAtFields } from './filled.ts';
import { formView } from './forms.ts';
import { teamOf } from './inbound.ts';
import { notify } from './notices.ts';
import { openOrTell } from './opening.ts';
import { escaped } from './safe-text.ts';

const notAsker = 'This is for the person who asked. Nobody else can answer it.';
const callback = 'need_form';

/** What a turn needs of the asker alone: a private link to sign in or to open, or a form. */
export function mountNeeds(app: App, context: SlackContext): void {
  const { api, bot } = context;

  app.action('need_open', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const person = await personOf(context, click);
    const view = await bot.approval(click.approvalId, person.author);
    if (view !== undefined && !isAskedHere(view.threadId, click)) return await tell(click, elsewhere);
    if (view?.question === undefined)
      return await tell(click, view?.isAsker === true ? 'This is over.' : notAsker);
    await show(click, view.question);
  });

  app.action('need_decline', async ({ ack, body }) => {
    await ack();
    await answer(clickOf({ ...body }), 'decline');
  });

  app.action('need_done', async ({ ack, body }) => {
    await ack();
    await answer(clickOf({ ...body }), 'answer');
  });

  app.view(callback, async ({ ack, body }) => {
    const json: Json = { ...body };
    const click = placeOf(json);
    const person = await personOf(context, click);
    const question = (await bot.approval(click.approvalId, person.author))?.question;
    if (question?.type !== 'form') return await ack();
    const { values, errors } = filledOf(question.form, at(json, 'view', 'state'));
    try {
      if (Object.keys(errors).length > 0) throw new InvalidError(errors);
      await decide(click, person, { decision: 'answer', values });
      await ack();
      await redraw(context, click, person);
    } catch (error) {
      if (error instanceof InvalidError) return await ack(wrongAtFields(error.fields, json.view));
      await ack();
      await told(click, error);
    }
  });

  async function show(click: Click, question: NonNullable<ApprovalView['question']>): Promise<void> {
    if (question.type === 'form') {
      const place = {
        path: JSON.stringify([click.ts, click.threadTs, click.approvalId]),
        channel: click.channel,
      };
      const form = formView({ ...question.form }, place);
      const blocks = [whoAsks(question), ...records(form.blocks)].slice(0, 100);
      const view = { ...form, callback_id: callback, blocks };
      await openOrTell(context, click, view);
      return;
    }
    if (question.url === undefined)
      return await tell(click, 'No link can be made now. Try again in a moment.');
    const words =
      question.type === 'sign_in'
        ? `Sign in to *${escaped(question.server)}*. The link is yours alone; I go on by myself afterwards.`
        : `*${escaped(question.server)}* asks: ${escaped(question.message)}\nThe page is on \`${escaped(question.host)}\`.`;
    const open = {
      type: 'button',
      action_id: 'need_link',
      text: { type: 'plain_text', text: 'Open' },
      url: question.url,
    };
    const done = {
      type: 'button',
      action_id: 'need_done',
      text: { type: 'plain_text', text: 'I have done it' },
      value: click.approvalId,
    };
    const blocks = [
      { type: 'section', text: { type: 'mrkdwn', text: words.slice(0, 2900) } },
      { type: 'actions', elements: question.type === 'link' ? [open, done] : [open] },
    ];
    const { team, channel, user, threadTs } = click;
    await api.attempt(team, 'chat.postEphemeral', {
      channel,
      user,
      thread_ts: threadTs,
      text: words,
      blocks,
    });
  }

  /** A click on a link is told of, and needs no more. */
  app.action('need_link', async ({ ack }) => await ack());

  async function answer(click: Click, decision: 'answer' | 'decline'): Promise<void> {
    try {
      const person = await personOf(context, click);
      await decide(click, person, { decision });
      await redraw(context, click, person);
    } catch (error) {
      await told(click, error);
    }
  }

  async function decide(
    click: Click,
    person: Person,
    given: { readonly decision: 'answer' | 'decline'; readonly values?: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    const { author: by, permissions } = person;
    const view = await bot.approval(click.approvalId, by);
    if (view !== undefined && !isAskedHere(view.threadId, click)) return await tell(click, elsewhere);
    const outcome = await bot.decide({ approvalId: click.approvalId, by, permissions, ...given });
    if (outcome === undefined) await tell(click, 'This question is gone.');
    else if (!outcome.decided) await tell(click, 'This is over.');
  }

  async function told(click: Click, error: unknown): Promise<void> {
    const sentence = sentenceOf(error);
    if (sentence === undefined) throw error;
    await tell(click, sentence);
  }

  const tell = (click: Click, words: string) => notify(api, click, words);
}

/** Stands above the fields, so that people know to whom they write. */
function whoAsks({ server, message }: { readonly server: string; readonly message: string }): Json {
  const words = `*${escaped(server)}* asks: ${escaped(message)}\n_What you write here goes to ${escaped(server)}. Give it no password._`;
  return { type: 'section', text: { type: 'mrkdwn', text: words.slice(0, 2900) } };
}

function placeOf(json: Json): Click {
  const place: unknown = JSON.parse(textOf(at(json, 'view', 'private_metadata')) || '{}');
  const parts: unknown = JSON.parse(textOf(at(place, 'path')) || '[]');
  const [ts = '', threadTs = '', approvalId = ''] = Array.isArray(parts) ? parts.map(textOf) : [];
  const who = { team: teamOf(json), user: textOf(at(json, 'user', 'id')) };
  return { ...who, channel: textOf(at(place, 'channel')), ts, threadTs, approvalId, trigger: '' };
}
