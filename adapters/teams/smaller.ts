import { clipped } from '../../src/chat/clipped.ts';
import { isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import { piecesOf } from '../../src/chat/segments.ts';
import { safeProse } from './safe-text.ts';

/** A message that Teams found too large as two that say the same. Undefined: it cannot be made smaller. */
export function halvesOf(message: Json): readonly [Json, Json] | undefined {
  const { attachments: _all, text: _text, ...rest } = withoutMentions(message);
  const [text, attachments] = [textOf(message.text).replaceAll(/<\/?at>/g, ''), records(message.attachments)];
  if (text !== '' && attachments.length > 0)
    return [
      { ...rest, text },
      { ...rest, attachments },
    ];
  if (attachments.length > 1) {
    const middle = Math.ceil(attachments.length / 2);
    return [
      { ...rest, attachments: attachments.slice(0, middle) },
      { ...rest, attachments: attachments.slice(middle) },
    ];
  }
  if (attachments.length === 1) return halvesOf(inWords(message));
  return halvesOfText(rest, text);
}

/** A mention and what it says of whom must stay together: what is cut only names people. */
function withoutMentions(message: Json): Json {
  const entities = records(message.entities).filter(({ type }) => type !== 'mention');
  return message.entities === undefined ? message : { ...message, entities };
}

const least = 200;

function halvesOfText(rest: Json, text: string): readonly [Json, Json] | undefined {
  if (text.length < least) return undefined;
  const [first = ''] = piecesOf(text, Math.ceil(text.length / 2) + 1);
  const second = text.slice(first.length);
  const fence = openFence(first);
  if (fence === undefined)
    return [
      { ...rest, text: first },
      { ...rest, text: second.replace(/^\n+/, '') },
    ];
  const mark = /^`+/.exec(fence)?.[0] ?? '```';
  return [
    { ...rest, text: `${first}\n${mark}` },
    { ...rest, text: `${fence}\n${second.replace(/^\n/, '')}` },
  ];
}

/** The line that opens a block of code which is not closed. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const line of text.split('\n')) {
    if (!/^`{3,}/.test(line)) continue;
    if (open === undefined) open = line;
    else if (/^(`{3,})\s*$/.exec(line)?.[1] === /^`+/.exec(open)?.[0]) open = undefined;
  }
  return open;
}

/** A message without its cards: what they say stands in its text. */
export function inWords(message: Json): Json {
  const {
    attachments,
    entities: _entities,
    suggestedActions: _suggested,
    channelData: _data,
    ...rest
  } = message;
  const words = records(attachments)
    .flatMap((attachment) => wordsIn(attachment.content))
    .map(safeProse);
  const own = textOf(message.text).replaceAll(/<\/?at>/g, '');
  const text = [own, ...words].filter((part) => part !== '').join('\n\n');
  return { ...rest, text: text === '' ? '…' : text };
}

/** The texts of a card, in their order. */
function wordsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  if (!isRecord(value)) return [];
  if (textOf(value.type).startsWith('Action.')) return [];
  if (typeof value.codeSnippet === 'string') return [value.codeSnippet];
  if (typeof value.text === 'string') return [value.text];
  if (Array.isArray(value.facts))
    return [
      records(value.facts)
        .map((fact) => `${textOf(fact.title)}: ${textOf(fact.value)}`)
        .join('\n'),
    ];
  return ['body', 'items', 'columns', 'rows', 'cells', 'inlines'].flatMap((part) => wordsIn(value[part]));
}

/** Whether less could be said of a message that was not understood. */
export function hasMoreThanWords(message: Json): boolean {
  return (
    message.attachments !== undefined || message.entities !== undefined || message.channelData !== undefined
  );
}

/** A name for a file, as Teams takes it. */
export function fileNameOf(name: string): string {
  return clipped(name.replaceAll(/[\\/:*?"<>|#%]/g, '-'), 100);
}
