import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Log } from '../../observe/port.ts';
import type { ServerConfig } from '../port.ts';
import type { ChildRecords } from './children.ts';
import { type Connection, type ConnectionEvents, createConnection } from './connection.ts';
import { killGroup } from './kill-group.ts';
import { lineReader } from './lines.ts';
import { masker } from './masker.ts';
import { parseMessage, type Transport, UnsentError } from './transports.ts';
import { within } from './wait.ts';

export interface StdioOptions {
  readonly log: Log;
  readonly children: ChildRecords;
  /** Where PATH, HOME and LANG are taken from; nothing else of it reaches the child. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

/** A transport over a child's pipes, which can tell how the child ended or what is wrong with it. */
interface StdioTransport extends Transport {
  trouble(): string | undefined;
}

const inherited = ['PATH', 'HOME', 'LANG'] as const;
const maxMessageCharacters = 10 * 1024 * 1024;
const maxStderrLine = 500;
const maxStderrLines = 200;
/** How long a server may take to end by itself, then after SIGTERM, then after SIGKILL: below 3 s in all. */
const endWithinMs = 400;
const terminateWithinMs = 1_600;
const killWithinMs = 600;
/** What escaped the group may hold the pipes open; so long they are read after the child has ended. */
const drainMs = 200;
/** A child that ends closes its output a moment before. */
const mutedMs = 300;

/** A session with a program that this bot runs, in its own process group and never through a shell. */
export function stdioConnection(
  config: ServerConfig,
  options: StdioOptions,
  events: ConnectionEvents,
): Connection {
  const transport = stdioTransport(config, options);
  const connection = createConnection(transport, options.version, events);
  return {
    ...connection,
    connect: async (signal) => {
      try {
        await connection.connect(signal);
      } catch (error) {
        const trouble = transport.trouble();
        throw trouble === undefined ? error : new Error(trouble, { cause: error });
      }
    },
  };
}

function stdioTransport(config: ServerConfig, { log, children, environment }: StdioOptions): StdioTransport {
  const exited = Promise.withResolvers<void>();
  const said = stderrLog(config, log);
  let child: ChildProcessWithoutNullStreams | undefined;
  let closing: Promise<void> | undefined;
  let ending: (() => string) | undefined;
  let garbage = 0;

  const readLine = (line: string) => {
    const message = parseMessage(line);
    if (message !== undefined) transport.onmessage?.(message);
    else if (line.trim() !== '') garbage += 1;
  };
  const giveUp = () => {
    ending ??= () => `it sent a message of more than ${maxMessageCharacters / 1024 / 1024} MiB`;
    void transport.close();
  };

  /** Nothing can be heard any more from a child that closes its output and lives on. */
  const muted = async () => {
    if (await within(mutedMs, exited.promise)) return;
    ending ??= () => 'its program closed its standard output and kept running';
    void transport.close();
  };

  const watch = (process: ChildProcessWithoutNullStreams, pid: number) => {
    const forget = children.add(pid, config.name);
    process.stdout.on('data', lineReader(maxMessageCharacters, { line: readLine, tooLong: giveUp }));
    process.stdout.once('end', () => void muted());
    process.stderr.on('data', said.read);
    process.stdin.on('error', (error) => transport.onerror?.(error));
    process.once('exit', (code, signal) => {
      ending ??= () => describeExit(code, signal, said.last());
      killGroup(pid, 'SIGKILL');
      forget();
      exited.resolve();
      setTimeout(
        () => [process.stdout, process.stderr].forEach((stream) => void stream.destroy()),
        drainMs,
      ).unref();
    });
    process.once('close', () => transport.onclose?.());
  };

  const end = async () => {
    if (child?.pid === undefined) return;
    child.stdin.end();
    if (await within(endWithinMs, exited.promise)) return;
    killGroup(child.pid, 'SIGTERM');
    if (await within(terminateWithinMs, exited.promise)) return;
    killGroup(child.pid, 'SIGKILL');
    await within(killWithinMs, exited.promise);
  };

  const transport: StdioTransport = {
    start: () => {
      const started = Promise.withResolvers<void>();
      child = spawn(config.command, config.args, {
        detached: true,
        shell: false,
        stdio: 'pipe',
        env: { ...pick(environment), ...config.env },
      });
      child.once('spawn', () => started.resolve());
      child.once('error', (error) => {
        ending ??= () => describeSpawnError(config.command, error);
        started.reject(error);
      });
      if (child.pid !== undefined) watch(child, child.pid);
      return started.promise;
    },
    send: (message) => {
      const sent = Promise.withResolvers<void>();
      const notRunning = () => sent.reject(new UnsentError(ending?.() ?? 'its program is not running'));
      if (child?.stdin.writable !== true) notRunning();
      else
        child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? notRunning() : sent.resolve()));
      return sent.promise;
    },
    close: () => {
      closing ??= end().finally(() => transport.onclose?.());
      return closing;
    },
    trouble: () =>
      ending?.() ?? (garbage > 0 ? 'it writes text to its standard output that is not MCP' : undefined),
  };
  return transport;
}

function pick(environment: StdioOptions['environment']): Record<string, string> {
  return Object.fromEntries(
    inherited.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

/** What the child says on its standard error goes to the log, up to a bound; its secrets are masked. */
function stderrLog(config: ServerConfig, log: Log) {
  let lines = 0;
  let last: string | undefined;
  const mask = masker(Object.values(config.env));
  const line = (text: string) => {
    if (text.trim() === '') return;
    last = mask(text).slice(0, maxStderrLine);
    lines += 1;
    if (lines <= maxStderrLines) log.debug('mcp_server_stderr', { server: config.name, line: last });
    if (lines === maxStderrLines) log.debug('mcp_server_stderr_muted', { server: config.name, lines });
  };
  const read = lineReader(64 * 1024, { line, tooLong: () => {} });
  return { read, last: () => last };
}

function describeExit(
  code: number | null,
  signal: NodeJS.Signals | null,
  lastWords: string | undefined,
): string {
  const how = signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was killed by ${signal}`;
  return `its program ${how}${lastWords === undefined ? '' : `; it last said: ${lastWords}`}`;
}

function describeSpawnError(command: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `there is no program ${command}; check its command`;
  if (error.code === 'EACCES') return `${command} may not be executed; check its permissions`;
  return `${command} could not be started (${error.code ?? error.message})`;
}
