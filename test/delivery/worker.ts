import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { start } from '../../src/main.ts';
import { createLog } from '../../src/observe/log.ts';
import { createPlatformAdapter } from '../fakes/chat-platform/adapter.ts';

/** One process of the bot that also speaks to the small chat platform; started by the kill test. */
const { PLATFORM_URL = '', PLATFORM_CAN_FIND, PLATFORM_PREVIEW, LEASE_MS = '3000', LOG_FILE } = process.env;

const running = await start({
  config: readConfig(process.env),
  log: createLog(
    'info',
    LOG_FILE === undefined ? undefined : pino.destination({ dest: LOG_FILE, sync: true }),
  ),
  environment: process.env,
  leaseMs: Number(LEASE_MS),
  adapters: (bot) => [
    createPlatformAdapter({
      bot,
      url: PLATFORM_URL,
      canFind: PLATFORM_CAN_FIND === 'true',
      hasPreview: PLATFORM_PREVIEW === 'true',
    }),
  ],
});
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
// It is going to be killed: what Node compiled is kept for the next one now.
flushCompileCache();
process.send?.({ url: running.url });
