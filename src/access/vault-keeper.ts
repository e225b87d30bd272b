import type { Clock, Log } from '../observe/port.ts';
import { nowAndThen } from './now-and-then.ts';
import type { Vault } from './vault.ts';

export interface VaultKeeperOptions {
  readonly vault: Pick<Vault, 'tend'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs?: number;
}

const warnEveryMs = 300_000;

/** Looks after the bot's token in Vault while nothing is read. Stopping it waits for nothing. */
export function startVaultKeeper({ vault, clock, log, everyMs = 10_000 }: VaultKeeperOptions): {
  stop(): void;
} {
  const mayWarn = nowAndThen({ clock, everyMs: warnEveryMs });
  const tend = () =>
    vault.tend().catch((error: unknown) => {
      if (mayWarn('failed')) log.warn('vault_not_available', { error });
    });
  const timer = setInterval(() => void tend(), everyMs);
  return { stop: () => clearInterval(timer) };
}
