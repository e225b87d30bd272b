/** Invisible, and of no width: stands where two characters would mean something to Slack. */
const joiner = '\u2060';

const specials = /<(?=!(?:channel|here|everyone|subteam\^|date\^)|@[A-Z0-9]|#[A-Z0-9])/gi;
const broadcasts = /@(?=(?:channel|here|everyone)\b)/gi;

/**
 * A text of a model that can ping nobody: not the channel, not a person, not a group; also where such a
 * thing stands in code. Nothing else of it changes.
 */
export function harmless(text: string): string {
  return text.replace(specials, `<${joiner}`).replace(broadcasts, `@${joiner}`);
}

/**
 * How much of a text that still grows can go out: what may be the beginning of a ping waits for more,
 * because Slack joins what is streamed.
 */
export function safeLength(text: string): number {
  const open = /(?:<[!@#]?[^\s>]{0,24}|@[a-z]{0,8})$/i.exec(text);
  return open === null ? text.length : open.index;
}

/** A text for `mrkdwn`, in which `&`, `<` and `>` mean something. */
export function escaped(text: string): string {
  return harmless(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
