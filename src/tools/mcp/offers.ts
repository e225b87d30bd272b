import type { Effect } from '../../agent/tool.ts';
import { effectOf } from '../effect.ts';
import { instructionsPin, isAccepted, stateOfPin } from '../pins.ts';
import type {
  InstructionsView,
  Pin,
  ServerConfig,
  ServerInstructions,
  ServerListing,
  ServerTool,
  ToolOverride,
  WithheldTool,
} from '../port.ts';
import { nameTools } from './names.ts';
import type { ListedTool } from './schema.ts';

/** What admins decide about a server's tools; nothing of it concerns the connection. */
export type Decisions = Pick<ServerConfig, 'isTrusted' | 'overrides' | 'pins'>;

/** A listed tool with what was decided about it. */
export interface Offer {
  /** As models call it. */
  readonly fullName: string;
  readonly listed: ListedTool;
  readonly effect: Effect;
  readonly approval: ToolOverride['approval'];
  /** An admin wants models to have it, and its definition is accepted. */
  readonly isOffered: boolean;
  readonly isAccepted: boolean;
  /** Its results hold no strangers' words: an admin vouches for its server, and it does not say that it looks outside. */
  readonly isTrusted: boolean;
  readonly override: ToolOverride;
}

/** A server's tools under its decisions. A tool's name does not depend on what was decided about others. */
export function offers(
  server: Decisions & { readonly name: string },
  listed: readonly ListedTool[],
): readonly Offer[] {
  const bySource = new Map(listed.map((tool) => [tool.name, tool]));
  return [...nameTools(server.name, [...bySource.keys()])].flatMap(([fullName, source]) => {
    const tool = bySource.get(source);
    return tool === undefined ? [] : [offerOf(fullName, tool, server)];
  });
}

/** The tools that models would have, were they accepted. */
export function withheld(server: Named, all: readonly Offer[]): readonly WithheldTool[] {
  return all
    .filter(({ isAccepted: is, override }) => !is && override.offer !== false)
    .map(({ fullName, listed: { hash } }) => ({
      name: fullName,
      source: server.name,
      isRevoked: server.pins.refused.includes(hash),
    }));
}

/** A server's instructions where models may be told them: an admin vouches for it, and has accepted them. */
export function usedInstructions(server: Named, instructions: string): ServerInstructions | undefined {
  if (instructions === '' || !server.isTrusted) return undefined;
  const { hash } = instructionsPin(instructions);
  return isAccepted(hash, server.pins) ? { server: server.name, text: instructions } : undefined;
}

/** All of it for admins, beside what was accepted before. */
export function serverListing(
  server: Named,
  { tools, instructions }: { readonly tools: readonly ListedTool[]; readonly instructions: string },
  pins: readonly Pin[],
): ServerListing {
  const pinned = pinsByName(pins);
  const views = offers(server, tools).map((offer) => viewOf(offer, server, pinned.tool(offer.listed.name)));
  if (instructions === '') return { tools: views };
  return { tools: views, instructions: instructionsView(server, instructions, pinned.instructions) };
}

type Named = Decisions & { readonly name: string };

function viewOf(offer: Offer, { pins }: Decisions, pin: Pin | undefined): ServerTool {
  const { fullName, effect, approval, isOffered, override } = offer;
  const { name, description, hints, hash, definition } = offer.listed;
  const about = { fullName, description, hints, effect, isOffered, asks: asks(effect, approval), override };
  return {
    ...{ name, ...about, hash, definition },
    state: stateOfPin(hash, pins, pin),
    ...(isOther(pin, hash) ? { accepted: pin.acceptedDefinition } : {}),
    ...historyOf(pin, hash),
  };
}

function instructionsView(server: Named, text: string, pin: Pin | undefined): InstructionsView {
  const { hash } = instructionsPin(text);
  return {
    ...{ text, hash, state: stateOfPin(hash, server.pins, pin) },
    isUsed: usedInstructions(server, text) !== undefined,
    ...(isOther(pin, hash) ? { accepted: String(pin.acceptedDefinition.instructions ?? '') } : {}),
    ...historyOf(pin, hash),
  };
}

type Accepted = Pin & Required<Pick<Pin, 'acceptedDefinition'>>;

function isOther(pin: Pin | undefined, hash: string): pin is Accepted {
  return pin?.acceptedDefinition !== undefined && pin.acceptedHash !== hash;
}

/** When it was seen first belongs to a definition; who decided last, to its name. */
function historyOf(pin: Pin | undefined, hash: string) {
  return {
    ...(pin?.hash === hash ? { firstSeen: pin.firstSeen } : {}),
    ...(pin?.decidedBy === undefined ? {} : { decidedBy: pin.decidedBy }),
    ...(pin?.decidedAt === undefined ? {} : { decidedAt: pin.decidedAt }),
  };
}

function pinsByName(pins: readonly Pin[]) {
  const tools = new Map(pins.flatMap((pin) => (pin.kind === 'tool' ? [[pin.name, pin] as const] : [])));
  return {
    tool: (name: string) => tools.get(name),
    instructions: pins.find(({ kind }) => kind === 'instructions'),
  };
}

function offerOf(fullName: string, listed: ListedTool, { isTrusted, overrides, pins }: Decisions): Offer {
  const override = (Object.hasOwn(overrides, listed.name) ? overrides[listed.name] : undefined) ?? {};
  const accepted = isAccepted(listed.hash, pins);
  return {
    fullName,
    listed,
    effect: effectOf(listed.hints, isTrusted, override.effect),
    approval: override.approval,
    isOffered: accepted && override.offer !== false,
    isAccepted: accepted,
    isTrusted: isTrusted && listed.hints.openWorldHint !== true,
    override,
  };
}

function asks(effect: Effect, approval: ToolOverride['approval']): boolean {
  if (approval === 'ask') return true;
  return effect === 'destructive' || (effect === 'write' && approval !== 'auto');
}
