import { ProviderError, type ProviderErrorKind } from '../agent/provider.ts';
import { failure } from './failures.ts';
import type { Probe, Vendor } from './vendor.ts';

/** How a model stands, as far as that shows without a token spent. */
export type ModelLook =
  | {
      readonly state: 'reachable';
      readonly latencyMs: number;
      /** False: its server’s list does not name it, and is not known to be whole. */
      readonly isListed: boolean;
    }
  | {
      /** `unknown`: its server has no list of models, or does not show it. */
      readonly state: 'misconfigured' | 'refused' | 'not_found' | 'unreachable' | 'unknown';
      readonly kind: ProviderErrorKind;
      /** What was wrong and what to do, without the key. */
      readonly detail: string;
    };

export interface LookOptions<Row> {
  /** Rejects with `ProviderError`. */
  readonly make: (row: Row) => Promise<Vendor>;
  /** Hears of a model whose credential was refused. */
  readonly refused: (row: Row) => void;
  readonly withinMs?: number;
}

const atOnce = 4;

/**
 * Looks at models, in their order, without spending a token: one request for those that share a server and a
 * credential, a few at a time. Never rejects.
 */
export async function lookAtModels<Row>(
  rows: readonly Row[],
  { make, refused, withinMs = 5000 }: LookOptions<Row>,
): Promise<readonly ModelLook[]> {
  const accounts = new Map<string, Promise<Listing>>();
  const listOf = (probe: Probe): Promise<Listing> => {
    const known = accounts.get(probe.account) ?? listing(probe, withinMs);
    accounts.set(probe.account, known);
    return known;
  };
  return await fewAtOnce(rows, async (row) => {
    const look = await lookAt(() => make(row), listOf);
    if (look.state === 'refused') refused(row);
    return look;
  });
}

type Listing =
  | { readonly names: readonly string[]; readonly latencyMs: number }
  /** Each of the models that share it names it for itself. */
  | { readonly error: (vendor: Vendor) => ProviderError };

async function lookAt(
  make: () => Promise<Vendor>,
  listOf: (probe: Probe) => Promise<Listing>,
): Promise<ModelLook> {
  try {
    const vendor = await make();
    const { probe, label } = vendor;
    if (probe === undefined) return unknown(`${label}: it has no list of models to look at.`);
    const found = await listOf(probe);
    if ('error' in found) return failed(found.error(vendor));
    const has = probe.has(found.names);
    if (has !== false) return { state: 'reachable', latencyMs: found.latencyMs, isListed: has === true };
    const { message: detail, kind } = failure(label, 'not_found', 'Its vendor offers no such model.');
    return { state: 'not_found', kind, detail };
  } catch (error) {
    const { kind, message: detail } = error instanceof ProviderError ? error : wrong(error);
    return { state: 'misconfigured', kind, detail };
  }
}

/** Never rejects. The limit ends the request, and what does not hear of it is not waited for. */
async function listing({ list }: Probe, withinMs: number): Promise<Listing> {
  const startedAt = performance.now();
  const limit = AbortSignal.timeout(withinMs);
  const tooLate = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  });
  try {
    const names = await Promise.race([list(limit), tooLate]);
    return { names, latencyMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    if (!limit.aborted) return { error: ({ classify }) => classify(error) };
    const late = `It did not answer within ${withinMs / 1000} s.`;
    return { error: ({ label }) => failure(label, 'timeout', late) };
  }
}

/** A vendor that has no list, or shows it to nobody with this key, may answer all the same: nothing is known. */
const states: Readonly<Partial<Record<ProviderErrorKind, 'refused' | 'unreachable'>>> = {
  auth: 'refused',
  network: 'unreachable',
  timeout: 'unreachable',
  overloaded: 'unreachable',
};

function failed({ kind, message: detail }: ProviderError): ModelLook {
  return { state: states[kind] ?? 'unknown', kind, detail };
}

function unknown(detail: string): ModelLook {
  return { state: 'unknown', kind: 'not_found', detail };
}

function wrong(error: unknown): Pick<ProviderError, 'kind' | 'message'> {
  return { kind: 'misconfigured', message: error instanceof Error ? error.message : String(error) };
}

/** In their order. */
async function fewAtOnce<In, Out>(
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const done: Out[] = [];
  const left = [...all.entries()];
  const workers = Array.from({ length: atOnce }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      done[next[0]] = await work(next[1]);
  });
  await Promise.all(workers);
  return done;
}
