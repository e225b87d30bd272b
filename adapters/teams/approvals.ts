import type { ApprovalView, DecisionInput } from '../../src/chat/bot.ts';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { sentenceOf } from '../../src/chat/sentence.ts';
import { cardAnswer, dialogAnswer, taskWords, wordsAnswer } from './answers.ts';
import { approvalCard, detailsDialog } from './approval-cards.ts';
import { createApprovalEdits } from './approval-edits.ts';
import { redrawApproval } from './approval-redraw.ts';
import type { TeamsContext } from './context.ts';
import type { Interaction, Invoke, InvokeAnswer } from './dispatch.ts';
import { elsewhere, isAskedHere } from './elsewhere.ts';
import { verbs } from './verbs.ts';
import { privateNotice } from './welcome.ts';

const notApprover = 'You may not decide about this. An administrator can grant you the role approver.';
const gone = 'This question is gone.';

/** A button of a card: what it says, and what came with it. */
export interface Press {
  readonly verb: string;
  readonly data: Json;
}

/** Who presses, and where. */
export type Pressing = Pick<Interaction, 'person' | 'conversation'>;

/** What pressing comes to: the card as it stands now, or words for the person alone. */
export type Pressed =
  | { readonly type: 'card'; readonly card: Json; readonly words?: string }
  | { readonly type: 'words'; readonly words: string };

/** The button of `Action.Execute` (`value.action`) or of `Action.Submit` (`value` itself, or its `data`). */
export function pressOf(value: Json): Press {
  const { action, data } = value;
  if (isRecord(action)) return { verb: textOf(action.verb), data: isRecord(action.data) ? action.data : {} };
  const given = isRecord(data) ? data : value;
  return { verb: textOf(given.verb), data: given };
}

/**
 * Approve, Edit, Deny with a reason, Respond, Details. Who may decide is checked here and by the bot, by the caller's Entra
 * object id, never by what is shown.
 */
export function createApprovals(context: TeamsContext) {
  const { bot } = context;

  /**
   * Who approves holds the permission where it is asked; who asked may see and deny without it. Words: why
   * not.
   */
  async function allowed(
    { person, conversation }: Pressing,
    approvalId: string,
    isForAsker: boolean,
  ): Promise<ApprovalView | string> {
    const isApprover = person.permissions.has('approve');
    const view = await bot.approval(approvalId, person.author);
    if (!isApprover && !(isForAsker && view?.isAsker === true)) return notApprover;
    if (view === undefined) return gone;
    return isAskedHere(view.threadId, conversation) ? view : elsewhere;
  }

  /** Undefined: the button is none of these. */
  async function press(by: Pressing, { verb, data }: Press): Promise<Pressed | undefined> {
    const given = givenBy(verb, data);
    if (given === undefined) return undefined;
    const approvalId = textOf(data.approvalId);
    const view = await allowed(by, approvalId, given.decision === 'deny');
    if (typeof view === 'string') return { type: 'words', words: view };
    const { person } = by;
    const { author, permissions } = person;
    const outcome = await bot.decide({ approvalId, by: author, permissions, ...given });
    if (outcome === undefined) return { type: 'words', words: gone };
    void redrawApproval(context, approvalId, person.author);
    const card = approvalCard(outcome.approval);
    return outcome.decided
      ? { type: 'card', card }
      : { type: 'card', card, words: `This is ${outcome.approval.state} already.` };
  }

  /** Undefined: it is none of these dialogs. */
  async function open(by: Pressing, { verb, data }: Press): Promise<InvokeAnswer | undefined> {
    if (verb !== verbs.details) return await edits.open(by, { verb, data });
    const view = await allowed(by, textOf(data.approvalId), true);
    return typeof view === 'string' ? taskWords(view) : dialogAnswer(detailsDialog(view.approval));
  }

  const edits = createApprovalEdits(context, (by, approvalId) => allowed(by, approvalId, false));

  return { press, open, submit: edits.submit };
}

/** What a button of the card says; undefined for any other. */
function givenBy(
  verb: string,
  data: Json,
): Pick<DecisionInput, 'decision' | 'reason' | 'message'> | undefined {
  const reason = textOf(data.reason).trim().slice(0, 500);
  switch (verb) {
    case verbs.approve:
      return { decision: 'approve' };
    case verbs.deny:
      return { decision: 'deny', ...(reason === '' ? {} : { reason }) };
    case verbs.respond:
      return { decision: 'respond', message: textOf(data.message) };
    default:
      return undefined;
  }
}

/** An invoke answers with the card, or with words that nobody else sees. */
export function pressedAnswer(pressed: Pressed): InvokeAnswer {
  return pressed.type === 'card' ? cardAnswer(pressed.card) : wordsAnswer(pressed.words);
}

/**
 * Old clients send a message instead of an invoke, and what is said to it everybody in the conversation reads:
 * the outcome shows in the card.
 */
export async function pressedMessage(
  { api, log }: TeamsContext,
  { conversation, person }: Interaction,
  work: () => Promise<Pressed | undefined>,
): Promise<void> {
  const say = async (words: string) =>
    await api.attempt((call) => call.send(conversation, privateNotice(`${person.author.name}: ${words}`)));
  try {
    const pressed = await work();
    if (pressed?.words !== undefined) await say(pressed.words);
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === undefined) log.error('teams_submit_failed', { error });
    await say(sentence ?? 'Something went wrong on my side. Try again.');
  }
}

/** What an invoke of a dialog says: its data stands one level down. */
export function taskPress({ value }: Pick<Invoke, 'value'>): Press {
  const data = at(value, 'data');
  return pressOf(isRecord(data) ? data : {});
}
