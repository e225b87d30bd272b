import { listLinks, oneLinks, sharedLinks } from './links.ts';
import { sorted } from './parts.ts';
import type { Alert, AlertGroup, AlertRoute, GroupStanding, StoredAlert, StormMember } from './port.ts';
import { severityIcons, severityOf } from './severity.ts';
import { fillTemplate } from './template.ts';
import { isOfSeveral } from './title.ts';
import { codeOf, countWords, durationWords, lineOf, plural, quoteOf, timeWords } from './words.ts';

/** What a card tells of. */
export interface CardFacts {
  readonly group: AlertGroup;
  readonly route: AlertRoute;
  readonly counts: GroupStanding;
  /** A few of its alerts, those that fire first. */
  readonly alerts: readonly StoredAlert[];
  /** Nobody hears of its end. */
  readonly isLeft?: boolean;
}

const shownAlerts = 8;
const shownLabels = 12;
const shownMembers = 15;

/** From so many alerts a card is drawn, which shows fewer: what these share, all are taken to share. */
export const cardAlerts = 50;
export const cardMembers = shownMembers;

/** Stands before what nobody hears of any more. */
export const leftIcon = '⏹️';

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
    `**${headline(facts)}**`,
    state(facts),
    first === undefined ? '' : about(first, { route, isOne }),
    isOne ? '' : alertList(facts),
    first === undefined ? '' : labelTable(facts, isOne ? first.alert.labels : commonLabels(alerts)),
    isOne ? oneLinks(alerts) : sharedLinks(alerts),
    group.note,
  ]);
}

function headline({ group, isLeft = false }: CardFacts): string {
  const title = lineOf(group.title);
  if (isLeft) return `${leftIcon} Closed: ${title}`;
  return `${iconOf(group)} ${group.state === 'resolved' ? 'Resolved: ' : ''}${title}`;
}

function state({ group, route, counts, isLeft = false }: CardFacts): string {
  const isOver = group.state === 'resolved' && !isLeft;
  const how = isOver
    ? `resolved after ${durationWords(counts.until - counts.since)}`
    : `${isLeft ? 'fired' : 'firing'} since ${timeWords(counts.since)}`;
  const often = group.returns > 1 ? `came back ${group.returns} times` : '';
  const parts = [
    manyWords(group, counts, isOver),
    severityWords(group),
    how,
    often,
    `route \`${route.name}\``,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function severityWords({ severity }: AlertGroup): string {
  return severity === 'unknown' ? 'severity unknown' : severity;
}

/** How many alerts there are, where the headline does not say it. */
function manyWords({ title }: AlertGroup, counts: GroupStanding, isOver: boolean): string {
  const all = counts.firing + counts.resolved;
  if (!isOfSeveral(title, all)) return isOver ? plural(all, 'alert') : countWords(counts);
  return isOver || counts.resolved === 0 ? '' : `${counts.resolved} resolved`;
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
  const isMixed = new Set(alerts.map(({ alert }) => alert.name)).size > 1;
  const shown = alerts.slice(0, shownAlerts);
  const links = listLinks(shown, alerts);
  const lines = shown.map((stored, n) => {
    const line = alertLine(stored, route, { common, isMixed });
    return `- ${[line, links[n] ?? ''].filter((part) => part !== '').join(' · ')}`;
  });
  const rest = counts.firing + counts.resolved - lines.length;
  return [...lines, ...(rest > 0 ? [`- … and ${plural(rest, 'more alert')}`] : [])].join('\n');
}

/** An alert in one line, with the labels that tell it from the others. */
export function alertLine(
  { alert }: StoredAlert,
  route: AlertRoute,
  {
    common = {},
    isMixed = false,
  }: { readonly common?: Readonly<Record<string, string>>; readonly isMixed?: boolean } = {},
): string {
  const icon = alert.status === 'resolved' ? '🟢' : severityIcons[severityOf(alert, route)];
  const own = sorted(alert.labels)
    .filter(([name, value]) => !Object.hasOwn(common, name) && !(isMixed && isName(alert, name, value)))
    .slice(0, 4)
    .map(([name, value]) => codeOf(`${name}=${value}`, 80));
  return [`${icon} ${lineOf(lineWords(alert, isMixed), 200)}`, ...own].join(' ');
}

/** Among others of its name an alert is known by its summary. */
function lineWords({ name, summary }: Alert, isMixed: boolean): string {
  if (summary === '' || summary === name) return name;
  return isMixed ? `${name}: ${summary}` : summary;
}

function isName(alert: Alert, name: string, value: string): boolean {
  return name === 'alertname' && value === alert.name;
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
  /** Nobody hears of its end. */
  readonly isLeft?: boolean;
}

/** A group in one line. */
export function groupLine(group: Pick<AlertGroup, 'title' | 'severity' | 'state'>): string {
  return `${iconOf(group)} ${lineOf(group.title, 160)}`;
}

/** What people see of many groups at once; Markdown. */
export function stormText(facts: StormFacts): string {
  const { group, route, members, firing, all, opened, now, isLeft = false } = facts;
  const isOver = group.state === 'resolved';
  const lasted = durationWords((group.resolvedAt ?? now) - group.openedAt);
  const lines = members.slice(0, shownMembers).map((member) => {
    const isOne = member.firing + member.resolved <= 1;
    return `- ${groupLine(member)}${isOne ? '' : ` (${countWords(member)})`}`;
  });
  const rest = all - lines.length;
  if (isLeft)
    return joined([
      `**${leftIcon} Closed: alert storm**`,
      `${plural(all, 'group')} · route \`${route.name}\``,
      group.note,
    ]);
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
