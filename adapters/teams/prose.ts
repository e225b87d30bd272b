import { piecesOf } from '../../src/chat/segments.ts';
import { safeProse } from './safe-text.ts';
import { sizes } from './sizes.ts';

/**
 * Prose as Teams draws it on all clients, a paragraph each: headings become bold, rules go, boxes of task
 * lists become signs. What stands at the beginning of a growing prose stays as it is.
 */
export function paragraphsOf(prose: string): readonly string[] {
  const adapted = prose
    .split('\n')
    .flatMap((line) => (isRule(line) ? [] : [adaptLine(line)]))
    .join('\n');
  return adapted
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== '')
    .flatMap((paragraph) => piecesOf(paragraph.trimEnd(), sizes.paragraph))
    .map(safeProse);
}

function isRule(line: string): boolean {
  return /^ {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,}|={3,})$/.test(line);
}

function adaptLine(line: string): string {
  const heading = /^ {0,3}#{1,6}[ \t]+(.*)$/.exec(line)?.[1];
  if (heading !== undefined) return bold(heading);
  return line.replace(/^(\s*[-*+] )\[([ xX])\] /, (_whole, bullet: string, mark: string) =>
    mark === ' ' ? `${bullet}☐ ` : `${bullet}☑ `,
  );
}

/** A heading without the signs that may close it, as a paragraph of its own. */
function bold(heading: string): string {
  let end = heading.length;
  while (end > 0 && ' \t#'.includes(heading.charAt(end - 1))) end -= 1;
  return end === 0 ? '' : `\n**${heading.slice(0, end).replaceAll('**', '')}**\n`;
}
