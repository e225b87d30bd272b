import { z } from 'zod';
import { ConflictError, InvalidError } from '../chat/errors.ts';
import { nearest } from '../chat/nearest.ts';
import type { Pinned, ServerListing } from '../tools/port.ts';
import type { ActionContext, Values } from './definition.ts';
import { recordOf } from './permit.ts';
import { changesBetween } from './tool-changes.ts';
import type { World } from './world.ts';

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: 'Must be a hash as the list of tools gives it.' })
  .describe('What was looked at; another definition is refused with 409.');

/** Which of a server's tools are accepted or taken back, and whether its instructions are. */
export const toolDecisionSchema = z.strictObject({
  tools: z
    .union(
      [
        z.literal('all'),
        z
          .array(z.union([z.string(), z.strictObject({ name: z.string(), hash: hash.optional() })]))
          .min(1)
          .max(2000),
      ],
      { error: 'Give "all", or a list of names, or of objects with a name and the hash that was looked at.' },
    )
    .optional(),
  instructions: z
    .union([z.literal(true), z.strictObject({ hash })], {
      error: 'Give true, or an object with the hash that was looked at.',
    })
    .optional()
    .describe('The server’s own words on how to use it; in the prompt of a trusted server only.'),
});

type Wanted = z.infer<typeof toolDecisionSchema>;

/** The same as a form: names of tools, or `all`. */
export const toolDecisionForm = {
  form: [
    {
      name: 'tools',
      label: 'Tools',
      help: 'Their names, or all.',
      widget: { type: 'texts' },
      isRequired: true,
      isNullable: false,
      isReadOnly: false,
    },
    {
      name: 'instructions',
      label: 'Instructions',
      help: 'Also what the server says of how to use it.',
      widget: { type: 'switch' },
      isRequired: false,
      isNullable: false,
      isReadOnly: false,
      value: false,
    },
  ],
  fromForm: ({ tools, instructions }: Values) => ({
    ...(isAll(tools) ? { tools: 'all' } : Array.isArray(tools) && tools.length > 0 ? { tools } : {}),
    ...(instructions === true ? { instructions: true } : {}),
  }),
} as const;

function isAll(tools: unknown): boolean {
  return Array.isArray(tools) && tools.length === 1 && String(tools[0]).toLowerCase() === 'all';
}

/** Lists a server's tools for admins; what differs from what was accepted stands beside it. */
export async function listTools({
  row,
  world,
  by,
}: Pick<ActionContext, 'row' | 'world' | 'by'>): Promise<unknown> {
  const isOpen = by.permissions.has('ai_ops.change_mcpserver');
  const { tools, instructions } = await listingOf(row.id, world, isOpen);
  return {
    count: tools.length,
    waiting: countWaiting({ tools, ...(instructions === undefined ? {} : { instructions }) }),
    tools: tools.map(({ fullName, isOffered, accepted, firstSeen, decidedBy, decidedAt, ...tool }) => ({
      ...tool,
      full_name: fullName,
      is_offered: isOffered,
      ...historyOf({ firstSeen, decidedBy, decidedAt }),
      ...(accepted === undefined
        ? { changes: [] }
        : { accepted, changes: changesBetween(accepted, tool.definition) }),
    })),
    ...(instructions === undefined ? {} : { instructions: instructionsJson(instructions) }),
  };
}

function instructionsJson({
  isUsed,
  firstSeen,
  decidedBy,
  decidedAt,
  ...rest
}: NonNullable<ServerListing['instructions']>) {
  return { ...rest, is_used: isUsed, ...historyOf({ firstSeen, decidedBy, decidedAt }) };
}

function historyOf(about: {
  readonly firstSeen: Date | undefined;
  readonly decidedBy: string | undefined;
  readonly decidedAt: Date | undefined;
}) {
  return {
    first_seen: about.firstSeen?.toISOString() ?? null,
    decided_by: about.decidedBy ?? '',
    decided_at: about.decidedAt?.toISOString() ?? null,
  };
}

/** Lets models have tools as they are defined now, from the next turn on. */
export async function acceptTools(context: ActionContext): Promise<unknown> {
  return await decide('accept', context);
}

/** Takes tools away from models, until their definitions are accepted again. */
export async function revokeTools(context: ActionContext): Promise<unknown> {
  return await decide('revoke', context);
}

async function decide(verb: 'accept' | 'revoke', { row, input, world, by }: ActionContext): Promise<unknown> {
  const wanted = toolDecisionSchema.parse(input);
  if (wanted.tools === undefined && wanted.instructions === undefined)
    throw new InvalidError({ tools: ['Say which: "all", or a list of their names.'] });
  const listing = await listingOf(row.id, world);
  const pinned = [...chosenTools(verb, wanted.tools, listing), ...chosenWords(wanted.instructions, listing)];
  await world.decideTools({ id: row.id, verb, pinned, by: recordOf(by) });
  const now = await listingOf(row.id, world);
  return {
    success: true,
    message: `${sentenceOf(verb, pinned)} It takes effect at the next turn.`,
    tools: pinned.flatMap(({ kind, name }) => (kind === 'tool' ? [name] : [])),
    waiting: countWaiting(now),
  };
}

const done = { accept: 'accepted', revoke: 'taken back' } as const;

function sentenceOf(verb: 'accept' | 'revoke', pinned: readonly Pinned[]): string {
  const tools = pinned.filter(({ kind }) => kind === 'tool').length;
  const counted = tools === 1 ? '1 tool' : `${tools} tools`;
  const what = tools === pinned.length ? counted : `${counted} and the instructions`;
  return `${what} ${pinned.length === 1 ? 'is' : 'are'} ${done[verb]}.`;
}

async function listingOf(id: string, world: World, isOpen = true): Promise<ServerListing> {
  return await world.serverTools(id, isOpen).catch((error: unknown) => {
    throw new ConflictError(
      `Its tools cannot be listed: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
}

function countWaiting({ tools, instructions }: ServerListing): number {
  const waits = ({ state }: { readonly state: string }) => state === 'new' || state === 'changed';
  return tools.filter(waits).length + (instructions !== undefined && waits(instructions) ? 1 : 0);
}

function chosenTools(
  verb: 'accept' | 'revoke',
  wanted: Wanted['tools'],
  { tools }: ServerListing,
): readonly Pinned[] {
  if (wanted === undefined) return [];
  if (wanted === 'all') return tools.filter(({ state }) => isMeant(verb, state)).map(toPinned);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const asked = new Map(
    wanted.map((one) => (typeof one === 'string' ? [one, undefined] : [one.name, one.hash])),
  );
  refuseUnknown([...asked.keys()], [...byName.keys()]);
  return [...asked].flatMap(([name, seen]) => {
    const tool = byName.get(name);
    if (tool === undefined) return [];
    refuseStale(`The tool ${name}`, seen, tool.hash);
    return [toPinned(tool)];
  });
}

/** What somebody took back is accepted only by its name. */
function isMeant(verb: 'accept' | 'revoke', state: ServerListing['tools'][number]['state']): boolean {
  return verb === 'accept' ? state === 'new' || state === 'changed' : state !== 'revoked';
}

function chosenWords(wanted: Wanted['instructions'], { instructions }: ServerListing): readonly Pinned[] {
  if (wanted === undefined) return [];
  if (instructions === undefined)
    throw new InvalidError({ instructions: ['This server gives no instructions.'] });
  const { text, hash: latest } = instructions;
  if (wanted !== true) refuseStale('The text of the instructions', wanted.hash, latest);
  return [{ kind: 'instructions', name: '', hash: latest, definition: { instructions: text } }];
}

function toPinned({ name, hash: pin, definition }: ServerListing['tools'][number]): Pinned {
  return { kind: 'tool', name, hash: pin, definition };
}

function refuseUnknown(asked: readonly string[], known: readonly string[]): void {
  const sentences = asked
    .filter((name) => !known.includes(name))
    .slice(0, mostNamed)
    .map((name) => {
      const meant = nearest(name, known);
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
      return `This server has no tool “${name.slice(0, 64)}”.${hint}`;
    });
  if (sentences.length > 0) throw new InvalidError({ tools: sentences });
}

const mostNamed = 20;

function refuseStale(what: string, seen: string | undefined, latest: string): void {
  if (seen === undefined || seen === latest) return;
  throw new ConflictError(
    `${what} has changed since you looked at it. Look at what it says now, and decide again.`,
  );
}
