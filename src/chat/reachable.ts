import { UnavailableError } from './errors.ts';

/**
 * Of Node's sockets and resolver, and of PostgreSQL: connection exceptions, too many connections, a
 * statement cut off by its time limit, and a server that stops or starts
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const codes =
  /^(E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|08[0-9A-Z]{3}|53300|57014|57P0[123])$/;

/** What the driver throws without a code. */
const sentences = /connection terminated|connection error|timeout exceeded|read timeout/i;

/** A method whose failures to reach the database become `UnavailableError`s; other errors stay as they are. */
export function reachable<Input extends readonly unknown[], Output>(
  method: (...input: Input) => Promise<Output>,
): (...input: Input) => Promise<Output> {
  return async (...input) => {
    try {
      return await method(...input);
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      throw new UnavailableError('The bot cannot reach its database. Try again in a moment.', {
        cause: error,
      });
    }
  };
}

function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && codes.test(error.code)) return true;
  return sentences.test(error.message) || isOutOfReach(error.cause);
}
