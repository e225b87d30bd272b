import type { GroupCounts } from './port.ts';

/** A duration as people say it: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

/** `12 alerts, 3 resolved`. */
export function countWords({ firing, resolved }: GroupCounts): string {
  const all = firing + resolved;
  return `${plural(all, 'alert')}${resolved === 0 ? '' : `, ${resolved} resolved`}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A minute in UTC: `2026-11-21 14:05 UTC`. */
export function timeWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A stranger's words on one line, as words: nothing in them is a link, a table's cell or a heading. */
export function lineOf(text: string, most = 300): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/([\\`*_[\]<>|~#])/g, '\\$1');
  return line.length <= most
    ? line
    : `${line
        .slice(0, most - 1)
        .replace(/\\$/, '')
        .toWellFormed()}…`;
}

/** A stranger's words as they are written, for a table's cell. */
export function codeOf(text: string, most = 120): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', '’').replaceAll('|', '¦').trim();
  if (line === '') return '—';
  return `\`${line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`}\``;
}

/** What would make a heading of the line above it, or a rule across. */
const underline = /^[-=]+$/;

/** A stranger's words of several lines, quoted; each stays a line. */
export function quoteOf(text: string, most = 1500): string {
  const clipped = text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
  return clipped
    .trim()
    .split('\n')
    .map((line) => lineOf(line, most))
    .map((line) => `> ${underline.test(line) ? `\\${line}` : line}`)
    .join('  \n');
}
