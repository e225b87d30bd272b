import type { Author, Inbound } from '../chat/inbound.ts';
import { groupLine } from './card.ts';
import type { Alert, AlertRoute, GroupList } from './port.ts';
import { countWords } from './words.ts';

/** What the model is asked, as people see it, in the name of the route's owner. The alerts' own words are its context: data. */
export function investigationOf(
  route: AlertRoute,
  { key, context, isStorm }: { readonly key: string; readonly context: string; readonly isStorm: boolean },
): Omit<Inbound, 'threadId'> {
  return {
    dedupeKeys: [key],
    author: ownerOf(route),
    text: taskOf(route, isStorm),
    context,
    isUnattended: true,
    readsOnly: true,
    ...(route.tools.length === 0 ? {} : { tools: route.tools }),
  };
}

function ownerOf({ owner: { principal, name } }: AlertRoute): Author {
  return { principal, name: name === '' ? principal : name };
}

function taskOf(route: AlertRoute, isStorm: boolean): string {
  const task = isStorm
    ? `Many groups of alerts came in at once on the route “${route.name}”. Look into them as one: find out what they have in common and what is behind them.`
    : `An alert came in on the route “${route.name}”. Find out what is behind it.`;
  const known = route.instructions.trim();
  return known === '' ? task : `${task}\n\n${known}`;
}

/** So many characters of alerts the model reads, and of one of them. */
const mostRead = 40_000;
const mostOfOne = 8_000;

/** The model reads a group's beginning, not all of it. */
export function contextOf(alerts: readonly Alert[]): string {
  let left = mostRead;
  const told: string[] = [];
  for (const { order: _, ...alert } of alerts) {
    const words = clipped(JSON.stringify(alert, null, 1), mostOfOne);
    if (words.length > left) break;
    left -= words.length;
    told.push(words);
  }
  const rest = alerts.length - told.length;
  return ['Alerts, as their sender says:', ...told, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}

/** What fires in all, group by group, and an alert of each of a few. */
export function stormContext({ members, firing }: GroupList, alerts: readonly Alert[]): string {
  const lines = members.map((group) => `- ${groupLine(group)} (${group.severity}, ${countWords(group)})`);
  const rest = firing - lines.length;
  return [
    `Groups of alerts that fire now, the worst first (${firing} in all):`,
    ...lines,
    ...(rest > 0 ? [`- … and ${rest} more`] : []),
    '',
    contextOf(alerts),
  ].join('\n');
}

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
