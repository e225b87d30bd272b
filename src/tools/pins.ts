import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../agent/json.ts';
import type { Listing, Pin, Pinned, PinState, Pins } from './port.ts';

/** The pin of a definition, exactly as its server gives it: SHA-256, in hex, of its canonical JSON. */
export function hashOf(definition: JsonObject): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex');
}

/** A server's instructions as something to be pinned; they have no name. */
export function instructionsPin(text: string): Pinned {
  const definition = { instructions: text };
  return { kind: 'instructions', name: '', hash: hashOf(definition), definition };
}

/** Whether models may be told of what has this hash. Where everything is accepted by itself, what was taken back is not. */
export function isAccepted(hash: string, { accepted, refused, acceptedBy }: Pins): boolean {
  return acceptedBy !== undefined ? !refused.includes(hash) : accepted.includes(hash);
}

/** How a definition stands towards what was decided about its name before. */
export function stateOfPin(hash: string, pins: Pins, pin: Pin | undefined): PinState {
  if (isAccepted(hash, pins)) return 'accepted';
  if (pins.refused.includes(hash)) return 'revoked';
  return pin?.acceptedHash === undefined ? 'new' : 'changed';
}

/** What waits for an admin, by name: tools, and the instructions of a server that is trusted. */
export function waitingIn(
  { pins, isTrusted }: { readonly pins: Pins; readonly isTrusted: boolean },
  listing: Listing,
): readonly string[] {
  return pinnedOf(listing)
    .filter(({ kind }) => kind === 'tool' || isTrusted)
    .filter(({ hash }) => !isAccepted(hash, pins) && !pins.refused.includes(hash))
    .map(({ kind, name }) => (kind === 'tool' ? name : 'its instructions'));
}

/** All of a listing that is pinned: one entry for each name. */
export function pinnedOf({ tools, instructions }: Listing): readonly Pinned[] {
  const byName = new Map(
    tools.map(({ name, hash, definition }) => [name, { kind: 'tool', name, hash, definition } as const]),
  );
  return [...byName.values(), ...(instructions === '' ? [] : [instructionsPin(instructions)])];
}
