import type { AlertLink, StoredAlert } from './port.ts';

/** So many characters of addresses a card takes, within what platforms take of a message. */
const mostAddresses = 2500;
/** The most useful first. */
const order = [
  'Runbook',
  'Incident',
  'Dashboard',
  'Panel',
  'Silence',
  'Source',
  'Service',
  'Alertmanager',
  'Grafana',
];

/** Where one alert points to. */
export function oneLinks([first]: readonly StoredAlert[]): string {
  return drawn(within(first?.alert.links ?? [], { left: mostAddresses }));
}

/** Where all of several alerts point to. */
export function sharedLinks(alerts: readonly StoredAlert[]): string {
  return drawn(within(sharedBy(alerts), { left: mostAddresses }));
}

/** Where each of these points to and not all, as long as there is room: no link of one seems to be another's. */
export function listLinks(shown: readonly StoredAlert[], all: readonly StoredAlert[]): readonly string[] {
  const shared = new Set(sharedBy(all).map(named));
  const room = { left: mostAddresses };
  return shown.map(({ alert }) =>
    drawn(
      within(
        alert.links.filter((link) => !shared.has(named(link))),
        room,
      ),
    ),
  );
}

function sharedBy([first, ...others]: readonly StoredAlert[]): readonly AlertLink[] {
  const sets = others.map(({ alert }) => new Set(alert.links.map(named)));
  return (first?.alert.links ?? []).filter((link) => sets.every((set) => set.has(named(link))));
}

function named({ title, url }: AlertLink): string {
  return `${title} ${url}`;
}

function within(links: readonly AlertLink[], room: { left: number }): readonly AlertLink[] {
  const sorted = [...links].sort((one, other) => order.indexOf(one.title) - order.indexOf(other.title));
  return sorted.filter(({ url }) => {
    const fits = url.length <= room.left;
    if (fits) room.left -= url.length;
    return fits;
  });
}

function drawn(links: readonly AlertLink[]): string {
  return links.map(({ title, url }) => `[${title}](${address(url)})`).join(' · ');
}

/** An address that stays within its brackets. */
function address(url: string): string {
  return url
    .replaceAll('(', '%28')
    .replaceAll(')', '%29')
    .replaceAll(/[<>\s|]/g, encodeURIComponent);
}
