import { Refusal } from '../refusal.ts';

const deepest = 64;
/** How many things can be sent at once. */
export const mostAtOnce = 1000;

/** A JSON body. Throws `Refusal` for what is none, and for what the database could not keep. */
export function readJson(body: Buffer): unknown {
  const value = parse(body);
  refuseUnfit(value);
  return value;
}

/** Of an action, which may need nothing: no body is an empty object. */
export function readOptionalJson(body: Buffer): unknown {
  return body.length === 0 ? {} : readJson(body);
}

function parse(body: Buffer): unknown {
  if (body.length === 0) throw badJson('The body is empty; send JSON.');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw badJson('The body is not valid JSON in UTF-8.');
  }
}

function badJson(detail: string): Refusal {
  return new Refusal({ status: 400, code: 'bad_json' }, detail);
}

/** Goes through the value without recursion: it may be nested deeper than the stack. */
function refuseUnfit(value: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: current, depth } = next;
    if (typeof current === 'string') refuseUnfitText(current);
    if (typeof current !== 'object' || current === null) continue;
    if (depth > deepest) throw badJson(`The body is nested deeper than ${deepest} levels.`);
    for (const [key, inner] of Object.entries(current)) {
      refuseUnfitText(key);
      open.push({ value: inner, depth: depth + 1 });
    }
  }
}

/** Text with NUL or half a character is kept by no database. Throws `Refusal`. */
export function refuseUnfitText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new Refusal(
      { status: 400, code: 'bad_text' },
      'The request holds a NUL character or half of a surrogate pair; send text without them.',
    );
}
