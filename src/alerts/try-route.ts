import { readNotification } from './formats.ts';
import type { AlertRoute } from './port.ts';
import { type ReceiveParts, receiveAlerts } from './receive.ts';
import { sampleBody } from './samples.ts';

export interface Tried {
  readonly ok: boolean;
  readonly message: string;
}

/** Sends a made-up alert the way of all others; while it fires, its resolution. */
export async function tryRoute(
  parts: ReceiveParts & { readonly secret: (reference: string) => Promise<string> },
  route: AlertRoute,
  now: Date,
): Promise<Tried> {
  if (!route.isEnabled) return { ok: false, message: 'The route is switched off. Enable it first.' };
  const problem = await secretProblem(parts, route);
  if (problem !== undefined) return { ok: false, message: problem };
  const status = (await isTesting(parts, route)) ? 'resolved' : 'firing';
  const at = now.toISOString();
  const taken = await receiveAlerts(
    parts,
    route,
    readNotification(route.format, sampleBody(route.format, status, at)),
  );
  if (status === 'resolved') return { ok: true, message: 'The test alert is resolved.' };
  const where = taken.folded > 0 ? 'It is told of with a storm that goes on.' : 'Its thread opens now.';
  return { ok: true, message: `A test alert fires. ${where} Test again to resolve it.` };
}

async function secretProblem(
  { secret }: { readonly secret: (reference: string) => Promise<string> },
  { authentication, secretReference }: AlertRoute,
): Promise<string | undefined> {
  if (authentication === 'none') return undefined;
  return await secret(secretReference).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function isTesting({ store }: ReceiveParts, route: AlertRoute): Promise<boolean> {
  const sample = readNotification(
    route.format,
    sampleBody(route.format, 'firing', new Date(0).toISOString()),
  );
  const ids = sample.alerts.map(({ fingerprint }) => fingerprint);
  const known = await store.inBooks(route.id, (books) => books.alerts(ids));
  return [...(known?.values() ?? [])].some(({ alert }) => alert.status === 'firing');
}
