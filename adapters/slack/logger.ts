import { type Logger, LogLevel } from '@slack/bolt';

/** Slack's libraries log whole payloads; what matters is logged by the adapter itself. */
export const quietLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
