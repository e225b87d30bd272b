import { Parser } from 'htmlparser2';

const mostTimes = 3;

/**
 * A text without HTML: what a browser would take for a tag or a comment goes, and with it what scripts and
 * styles hold. Taking tags out may put others together, so it is looked at again until there is none.
 */
export function withoutTags(text: string): string {
  let left = text;
  for (let times = 0; times < mostTimes && left.includes('<'); times += 1) {
    const plain = textOf(left);
    if (plain === left) return left;
    left = plain;
  }
  return left.replaceAll(mayBeginTag, '');
}

const mayBeginTag = /<(?=[a-z/!?])/gi;
const notText: ReadonlySet<string> = new Set(['script', 'style']);

function textOf(html: string): string {
  const kept: string[] = [];
  let inside = 0;
  const parser = new Parser(
    {
      onopentagname: (name) => {
        if (notText.has(name)) inside += 1;
      },
      onclosetag: (name) => {
        if (notText.has(name)) inside -= 1;
      },
      ontext: (part) => {
        if (inside === 0) kept.push(part);
      },
    },
    { decodeEntities: false },
  );
  parser.end(html);
  return kept.join('');
}
