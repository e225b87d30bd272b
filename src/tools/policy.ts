import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../agent/json.ts';
import type { Tool } from '../agent/tool.ts';
import { namedIn } from './named.ts';

/** A call that wants to run. */
export interface WantedCall {
  readonly tool: Pick<Tool, 'name' | 'effect' | 'approval'>;
  readonly arguments: JsonObject;
  /** What the asker wrote; nothing that a tool, a log or a model said. */
  readonly words: () => string;
  /** A tool whose results, which may hold the words of strangers, the model has read; undefined: none. */
  readonly heard: () => string | undefined;
}

/** `reason`: one sentence beyond the tool's effect; empty where the effect says it all. */
export type Gate = { readonly type: 'run' } | { readonly type: 'ask'; readonly reason: string };

/**
 * Whatever does not only read asks people first, unless an admin lets the tool run by itself; what
 * destroys always asks. Once the model has read the words of strangers, nothing that writes runs by
 * itself: they may be what moves it. A network check runs by itself only towards a host that a person
 * named: an address that came from a log or a web page could carry secrets away or reach where it
 * should not.
 */
export function gate(call: WantedCall): Gate {
  const { tool } = call;
  switch (tool.effect) {
    case 'read':
      return tool.approval === 'ask' ? { type: 'ask', reason: alwaysAsked } : gateDestination(call);
    case 'write':
      return tool.approval === 'auto' ? gateAutomatic(call) : { type: 'ask', reason: '' };
    case 'destructive':
      return { type: 'ask', reason: '' };
    default:
      return tool.effect satisfies never;
  }
}

const run = { type: 'run' } as const;

const alwaysAsked = 'It only reads, but an administrator wants people to be asked each time.';

function gateAutomatic(call: WantedCall): Gate {
  const stranger = call.heard();
  if (stranger === undefined) return gateDestination(call);
  const reason = `It would run by itself, but this conversation has read what ${stranger} returned, which may hold a stranger's instructions.`;
  return { type: 'ask', reason };
}

/** The bundled server's tools that reach where an argument says, and the name of that argument. */
const destinations: Readonly<Record<string, 'url' | 'name' | 'host'>> = {
  host__http_check: 'url',
  host__dns_lookup: 'name',
  host__tcp_check: 'host',
  host__tls_certificate: 'host',
};

function gateDestination({ tool, arguments: args, words }: WantedCall): Gate {
  const argument = destinations[tool.name];
  if (argument === undefined) return run;
  const target = String(args[argument] ?? '');
  const named = namedIn(words());
  if (argument === 'url' ? named.url(target) : named.host(target)) return run;
  return { type: 'ask', reason: `It would reach ${target}, which nobody here has named.` };
}

/** What an approval is bound to: SHA-256, in hex, of the tool's name and its exact arguments. */
export function callDigest(toolName: string, args: JsonObject): string {
  return sha256({ tool: toolName, arguments: args });
}

/** Changes whenever the tool does: an approval of another version of it counts no more. */
export function toolVersion(tool: Tool): string {
  const { name, source, sourceName, description, inputSchema, effect } = tool;
  return sha256({ name, source, sourceName, description, inputSchema, effect });
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
