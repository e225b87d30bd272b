import { type DestinationStream, type Logger, pino } from 'pino';
import type { Log } from './port.ts';

/** JSON lines on standard output (or `destination`), one event each, written as `mask` leaves them. */
export function createLog(
  level: string,
  destination?: DestinationStream,
  mask: (line: string) => string = (line) => line,
): Log {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: describeError },
    hooks: { streamWrite: mask },
  };
  return wrap(pino(options, destination ?? standardOutput()));
}

const flushEveryMs = 200;

/** Lines are gathered for a moment: a write for each would cost more than the line. Nothing is lost at an exit. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, minLength: 4096 });
  setInterval(() => output.flush(), flushEveryMs).unref();
  process.once('exit', () => output.flushSync());
  return output;
}

function wrap(logger: Logger): Log {
  return {
    debug: (event, fields) => logger.debug({ event, ...fields }),
    info: (event, fields) => logger.info({ event, ...fields }),
    warn: (event, fields) => logger.warn({ event, ...fields }),
    error: (event, fields) => logger.error({ event, ...fields }),
    with: (fields) => wrap(logger.child(fields)),
  };
}

const stackLines = 6;

/** Class, message and cause; of the stack what leads to the place. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: redact(String(error)) };
  const stack = error.stack
    ?.split('\n')
    .slice(1, stackLines + 1)
    .map((line) => line.trim());
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: error.name, message: redact(error.message), stack, ...cause };
}

/**
 * Credentials that libraries put into their messages: in URLs, and after the words that announce them.
 * The name of a reference is none, and whoever reads the log must know it.
 */
function redact(text: string): string {
  return text
    .replaceAll(/(\w+:\/\/[^\s:@/]*):[^\s@/]+@/g, '$1:***@')
    .replaceAll(
      /\b((?:bearer|token|api[-_ ]?key|password|secret)\s*[:= ]\s*)(?!(?:env|file):)[^\s,;"']{6,}/gi,
      '$1***',
    )
    .replaceAll(/\b(sk|xoxb|xapp|hf)[-_][A-Za-z0-9_-]{6,}/g, '$1-***');
}
