import { sorted } from './parts.ts';
import type { AlertGroup, AlertRoute, GroupCounts, StoredAlert, StormMember } from './port.ts';
import { severityIcons, severityOf } from './severity.ts';
import { fillTemplate } from './template.ts';
import { codeOf, countWords, durationWords, lineOf, plural, quoteOf, timeWords } from './words.ts';

/** What a card tells of. */
export interface CardFacts {
  readonly group: AlertGroup;
  readonly route: AlertRoute;
  readonly counts: GroupCounts;
  /** A few of its alerts, those that fire first. */
  readonly alerts: readonly StoredAlert[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

const shownAlerts = 8;
const shownLabels = 12;
const shownMembers = 15;

/** How many alerts a card can show, for reading no more. */
export const cardAlerts = shownAlerts;
export const cardMembers = shownMembers;

/** What a group's thread is called, without anything that could be taken for an address. */
export function groupTitle(group: Pick<AlertGroup, 'title' | 'severity' | 'state'>): string {
  return `${iconOf(group)} ${group.title.replaceAll(/[:/]{2,}/g, ' ')}`;
}

/** How bad it is, or that it is over. */
function iconOf({ state: how, severity }: Pick<AlertGroup, 'severity' | 'state'>): string {
  return how === 'resolved' ? '🟢' : severityIcons[severity];
}

/** What people see of a group of alerts; Markdown. */
export function cardText(facts: CardFacts): string {
  const { group, route, counts, alerts } = facts;
  const [first] = alerts;
  const isOne = counts.firing + counts.resolved <= 1;
  return joined([
    `**${headline(group)}**`,
    state(facts),
    first === undefined ? '' : about(first, { route, isOne }),
    isOne ? '' : alertList(facts),
    first === undefined ? '' : labelTable(facts, isOne ? first.alert.labels : commonLabels(alerts)),
    first === undefined ? '' : links(first),
    group.note,
  ]);
}

function headline(group: AlertGroup): string {
  return `${iconOf(group)} ${group.state === 'resolved' ? 'Resolved: ' : ''}${lineOf(group.title)}`;
}

function state({ group, route, counts, now }: CardFacts): string {
  const until = group.resolvedAt ?? now;
  const lasted = durationWords(until - group.openedAt);
  const how =
    group.state === 'resolved' ? `resolved after ${lasted}` : `firing since ${timeWords(group.openedAt)}`;
  const many =
    group.state === 'resolved' ? plural(counts.firing + counts.resolved, 'alert') : countWords(counts);
  return `${many} · ${group.severity} · ${how} · route \`${route.name}\``;
}

/** By the route's template, else as its sender says of one alert; of many, each has its line. */
function about(
  { alert }: StoredAlert,
  { route, isOne }: { readonly route: AlertRoute; readonly isOne: boolean },
): string {
  if (route.template.trim() !== '') return quoteOf(fillTemplate(route.template, alert));
  if (!isOne) return '';
  const { summary, description, remark = '' } = alert;
  const words = [summary === alert.name ? '' : summary, description === summary ? '' : description, remark];
  const said = words.filter((part) => part !== '').join('\n');
  return said === '' ? '' : quoteOf(said);
}

function commonLabels(alerts: readonly StoredAlert[]): Readonly<Record<string, string>> {
  const [first, ...others] = alerts;
  return Object.fromEntries(
    Object.entries(first?.alert.labels ?? {}).filter(([name, value]) =>
      others.every(({ alert }) => alert.labels[name] === value),
    ),
  );
}

/** Without what the headline and the line below it say already. */
function labelTable({ group, route }: CardFacts, labels: Readonly<Record<string, string>>): string {
  const said = [`alertname ${group.title}`, `${route.severityLabel} ${group.severity}`];
  const all = sorted(labels).filter(([name, value]) => !said.includes(`${name} ${value}`));
  if (all.length === 0) return '';
  const rows = all.slice(0, shownLabels).map(([name, value]) => `| ${codeOf(name, 60)} | ${codeOf(value)} |`);
  const rest = all.length - rows.length;
  const more = rest > 0 ? [`| … | ${rest} more |`] : [];
  return ['| Label | Value |', '|---|---|', ...rows, ...more].join('\n');
}

function alertList({ alerts, counts, route }: CardFacts): string {
  const common = commonLabels(alerts);
  const lines = alerts.slice(0, shownAlerts).map((stored) => `- ${alertLine(stored, route, common)}`);
  const rest = counts.firing + counts.resolved - lines.length;
  return [...lines, ...(rest > 0 ? [`- … and ${plural(rest, 'more alert')}`] : [])].join('\n');
}

/** What tells an alert from the others. */
function alertLine(
  { alert }: StoredAlert,
  route: AlertRoute,
  common: Readonly<Record<string, string>>,
): string {
  const icon = alert.status === 'resolved' ? '🟢' : severityIcons[severityOf(alert, route)];
  const own = sorted(alert.labels)
    .filter(([name]) => !Object.hasOwn(common, name))
    .slice(0, 4)
    .map(([name, value]) => codeOf(`${name}=${value}`, 80));
  const words = alert.summary === '' ? alert.name : alert.summary;
  return [`${icon} ${lineOf(words, 160)}`, ...own].join(' ');
}

function links({ alert }: StoredAlert): string {
  return alert.links.map(({ title, url }) => `[${title}](${address(url)})`).join(' · ');
}

/** An address that stays within its brackets. */
function address(url: string): string {
  return url
    .replaceAll('(', '%28')
    .replaceAll(')', '%29')
    .replaceAll(/[<>\s|]/g, encodeURIComponent);
}

export interface StormFacts {
  readonly group: AlertGroup;
  readonly route: AlertRoute;
  readonly members: readonly StormMember[];
  readonly firing: number;
  readonly all: number;
  /** Of the route, within the last minute. */
  readonly opened: number;
  readonly now: number;
}

/** What people see of many groups at once; Markdown. */
export function stormText({ group, route, members, firing, all, opened, now }: StormFacts): string {
  const isOver = group.state === 'resolved';
  const lasted = durationWords((group.resolvedAt ?? now) - group.openedAt);
  const lines = members.slice(0, shownMembers).map((member) => {
    const isOne = member.firing + member.resolved <= 1;
    return `- ${iconOf(member)} ${lineOf(member.title, 160)}${isOne ? '' : ` (${countWords(member)})`}`;
  });
  const rest = all - lines.length;
  return joined([
    isOver ? '**🟢 Resolved: alert storm**' : `**${severityIcons[group.severity]} Alert storm**`,
    isOver
      ? `${plural(all, 'group')}, all resolved after ${lasted} · route \`${route.name}\``
      : `storm: ${plural(opened, 'group')} in the last minute · ${firing} of ${plural(all, 'group')} firing · since ${timeWords(group.openedAt)} · route \`${route.name}\``,
    `More groups ${isOver ? 'began' : 'begin'} than this route tells of one by one (${route.groupsPerMinute} a minute), so these share a thread:`,
    [...lines, ...(rest > 0 ? [`- … and ${plural(rest, 'more group')}`] : [])].join('\n'),
    group.note,
  ]);
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
