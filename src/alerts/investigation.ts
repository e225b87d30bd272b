import type { Author, Inbound } from '../chat/inbound.ts';
import type { Alert, AlertRoute } from './port.ts';

/** What the model is asked, as people see it, in the name of the route's owner. The alerts' own words are its context: data. */
export function investigationOf(
  route: AlertRoute,
  {
    key,
    alerts,
    isStorm,
  }: { readonly key: string; readonly alerts: readonly Alert[]; readonly isStorm: boolean },
): Omit<Inbound, 'threadId'> {
  return {
    dedupeKeys: [key],
    author: ownerOf(route),
    text: taskOf(route, isStorm),
    context: contextOf(alerts),
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
    ? `Many alerts came in at once on the route “${route.name}”. Find out what they have in common and what is behind them.`
    : `An alert came in on the route “${route.name}”. Find out what is behind it.`;
  const known = route.instructions.trim();
  return known === '' ? task : `${task}\n\n${known}`;
}

const mostAlerts = 20;

/** At most a few alerts: the model reads a storm's beginning, not all of it. */
export function contextOf(alerts: readonly Alert[]): string {
  const told = alerts.slice(0, mostAlerts).map(({ order: _, ...alert }) => JSON.stringify(alert, null, 1));
  const rest = alerts.length - told.length;
  return ['Alerts, as their sender says:', ...told, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}
