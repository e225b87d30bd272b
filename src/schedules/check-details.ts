import { clipped } from '../chat/clipped.ts';
import type { Detail } from '../chat/reply.ts';
import type { CalledTool, SeenCheck } from './port.ts';
import { icons, worstFirst } from './verdict.ts';

/** Adapters have room for so much: what is left out is in the history of the schedule's runs. */
const [mostTitle, mostSaid, mostCalls] = [150, 800, 12];

/** What each check rests on, for people: those that are not well first. */
export function detailsOf(checks: readonly SeenCheck[]): readonly Detail[] {
  return worstFirst(checks).map((check) => ({ title: titleOf(check), text: textOf(check) }));
}

function titleOf({ question, verdict }: SeenCheck): string {
  return `${icons[verdict]} ${verdict}: ${clipped(question.replaceAll(/\s+/g, ' '), mostTitle)}`;
}

function textOf({ question, rule, verdict, why, said, calls }: SeenCheck): string {
  return [
    ...(question.length > mostTitle ? [`**Question:** ${question}`] : []),
    `**Verdict:** ${verdict}${why === undefined ? '' : `: ${why}`}`,
    `**Rule:** ${rule}`,
    `**Seen:** ${clipped(said, mostSaid) || 'nothing was said'}`,
    `**Tools called:**${calls.length === 0 ? ' none' : `\n${callLines(calls).join('\n')}`}`,
  ].join('\n\n');
}

function callLines(calls: readonly CalledTool[]): readonly string[] {
  const left = calls.length - mostCalls;
  const shown = left > 1 ? calls.slice(0, mostCalls) : calls;
  return [...shown.map(callLine), ...(left > 1 ? [`- … and ${left} more`] : [])];
}

function callLine({ tool, arguments: args, ok }: CalledTool): string {
  const given = args === '{}' ? '' : ` with \`${args.replaceAll('`', 'ˋ')}\``;
  return `- \`${tool}\`${given}: ${ok ? 'ok' : 'failed'}`;
}
