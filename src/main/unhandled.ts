import { guestNow } from '../agent/operator-module.ts';
import type { Log } from '../observe/port.ts';

/**
 * Hears of errors that nobody caught. One of a module of the operator ends the use of that module, and
 * nothing else: the bot goes on. After any other nobody knows what still holds, so that `end` is called, once. A
 * module that ends the process is told that it may not.
 */
export function watchUnhandled({ log, end }: { readonly log: Log; readonly end: () => void }): void {
  let isEnding = false;
  const endOnce = () => {
    if (!isEnding) end();
    isEnding = true;
  };
  const heard = (error: unknown) => {
    const guest = guestNow();
    if (guest === undefined) {
      log.error('unhandled_error', { error });
      return endOnce();
    }
    guest.broke(error);
    log.error('module_broken', { module: guest.name, error });
  };
  process.on('uncaughtException', heard);
  process.on('unhandledRejection', heard);
  const { exit } = process;
  process.exit = (code) => {
    if (guestNow() === undefined) exit.call(process, code);
    const error = new Error('A module may not call process.exit, which would end the whole bot.');
    heard(error);
    throw error;
  };
}
