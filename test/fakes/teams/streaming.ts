import { checkMessage, isTooBig } from './activities.ts';
import { type Json, record, records, text } from './json.ts';
import { malformed, refuse, TeamsRefusal, tooOften } from './refusal.ts';
import {
  addMessage,
  type Conversation,
  messageAt,
  type Stream,
  type TeamsMessage,
  type TeamsTenant,
} from './state.ts';

/** https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux */
const STREAM_MS = 120_000;
const PACE_MS = 1000;
const INFORMATIVE = 1000;
const INFORMATIVE_BYTES = 1024;

/** What the connector answers: 201 with the stream's id at its start, else 202. */
export interface StreamAnswer {
  readonly status: 201 | 202;
  readonly body: Json;
}

export function streamInfoOf(activity: Json): Json | undefined {
  return records(activity.entities).find((entity) => entity.type === 'streaminfo');
}

/** One request of a stream: its start, its next text or its end. */
export function stream(tenant: TeamsTenant, place: Conversation, activity: Json, info: Json): StreamAnswer {
  if (place.kind !== 'personal')
    refuse(405, 'MethodNotAllowed', 'Streaming is supported in one-on-one chats only.');
  const { streamType, streamId, streamSequence } = info;
  const isFinal = streamType === 'final';
  if (isFinal !== (activity.type === 'message')) onlyStartAndContinue();
  if (!isFinal && streamType !== 'informative' && streamType !== 'streaming') onlyStartAndContinue();
  if (isFinal && streamSequence !== undefined) malformed('The final message has no streamSequence.');
  if (!isFinal && !(Number.isInteger(streamSequence) && Number(streamSequence) > 0))
    malformed('streamSequence is a number that begins at 1.');
  if (text(activity.text) === '') malformed('Start streaming activities should include text');
  if (!isFinal) checkBare(activity);
  if (isTooBig(activity)) notAllowed('Message size too large');
  if (streamId === undefined && !isFinal) return start(tenant, place, activity, info);
  return goOn(tenant, place, activity, info);
}

function onlyStartAndContinue(): never {
  return malformed('Only start streaming and continue streaming types are allowed as typing activity.');
}

/** Labels, feedback and attachments come with the final message. */
function checkBare(activity: Json): void {
  const { feedbackLoop, feedbackLoopEnabled } = record(activity.channelData);
  if (records(activity.attachments).length > 0) malformed('Attachments come with the final message only.');
  if (records(activity.entities).some((entity) => entity.type === 'https://schema.org/Message'))
    malformed('Labels and citations come with the final message only.');
  if (feedbackLoop !== undefined || feedbackLoopEnabled !== undefined)
    malformed('Feedback comes with the final message only.');
  if (activity.suggestedActions !== undefined)
    malformed('Suggested actions come with the final message only.');
}

function start(tenant: TeamsTenant, place: Conversation, activity: Json, info: Json): StreamAnswer {
  if (info.streamSequence !== 1) malformed('A stream starts with the streamSequence 1.');
  if (openStream(tenant, place.id) !== undefined) notAllowed('Content stream is not allowed');
  const now = tenant.now();
  const begun: Stream = {
    startedAt: now,
    lastAt: now,
    sequence: 0,
    informative: '',
    text: '',
    state: 'open',
  };
  show(begun, activity, info);
  const message = addMessage(tenant, {
    conversation: place.id,
    by: tenant.bot.id,
    activity: { type: 'message', text: begun.text },
    stream: begun,
  });
  return { status: 201, body: { id: message.id } };
}

function goOn(tenant: TeamsTenant, place: Conversation, activity: Json, info: Json): StreamAnswer {
  const message = messageAt(tenant, place.id, text(info.streamId));
  if (message?.stream === undefined) return malformed(`There is no stream ${String(info.streamId)}.`);
  const current = message.stream;
  if (current.state === 'cancelled') notAllowed('Content stream was cancelled by user.');
  if (current.state === 'done')
    notAllowed('Content stream is not allowed on an already completed streamed message');
  if (isOver(tenant, current)) notAllowed('Content stream finished due to exceeded streaming time.');
  const early = current.lastAt + PACE_MS - tenant.now();
  if (early > 0) tooOften(early);
  if (info.streamType !== 'final') {
    checkSequence(current, info);
    show(current, activity, info);
    message.activity = { type: 'message', text: current.text };
  } else end(tenant, place, activity, message, current);
  current.lastAt = tenant.now();
  return { status: 202, body: {} };
}

function checkSequence(current: Stream, info: Json): void {
  if (Number(info.streamSequence) > current.sequence) return;
  throw new TeamsRefusal(
    202,
    'ContentStreamSequenceOrderPreConditionFailed',
    'PreCondition failed exception when processing streaming activity.',
  );
}

function show(current: Stream, activity: Json, info: Json): void {
  const words = text(activity.text);
  if (info.streamType === 'informative') {
    if (words.length > INFORMATIVE || Buffer.byteLength(words) > INFORMATIVE_BYTES)
      malformed('An informative message has at most 1,000 characters and 1 KB.');
    current.informative = words;
  } else {
    checkGrowth(current, words);
    current.text = words;
    current.informative = '';
  }
  current.sequence = Number(info.streamSequence);
}

function checkGrowth(current: Stream, words: string): void {
  if (!words.startsWith(current.text)) malformed('The text of a stream starts with the text before it.');
}

function end(
  tenant: TeamsTenant,
  place: Conversation,
  activity: Json,
  message: TeamsMessage,
  current: Stream,
): void {
  checkMessage(tenant, place, activity);
  checkGrowth(current, text(activity.text));
  message.activity = activity;
  current.text = text(activity.text);
  current.informative = '';
  current.state = 'done';
}

function notAllowed(message: string): never {
  return refuse(403, 'ContentStreamNotAllowed', message);
}

/** Ends a stream whose two minutes are over. */
function isOver(tenant: TeamsTenant, current: Stream): boolean {
  if (current.state === 'open' && tenant.now() - current.startedAt >= STREAM_MS) current.state = 'exceeded';
  return current.state === 'exceeded';
}

/** The stream that a chat shows now; there is never more than one. */
export function openStream(tenant: TeamsTenant, conversation: string): TeamsMessage | undefined {
  return tenant.messages.find(
    ({ conversation: where, stream: current, isDeleted }) =>
      where === conversation &&
      !isDeleted &&
      current !== undefined &&
      !isOver(tenant, current) &&
      current.state === 'open',
  );
}
