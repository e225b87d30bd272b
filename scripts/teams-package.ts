import { Ajv } from 'ajv';
import { zipSync } from 'fflate';
import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

/** What the app is, where it is not the same for everybody. */
export interface TeamsApp {
  /** Of the Azure Bot. */
  readonly appId: string;
  /** How people and Teams reach the bot. */
  readonly url: string;
  readonly version: string;
  /** Hear every message of teams, not mentions alone: their owners must agree. In group chats mentions count alone. */
  readonly hearsAll?: boolean;
}

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const sourceShape = z.looseObject({
  developer: z.looseObject({}),
  bots: z.tuple([z.looseObject({})]),
  copilotAgents: z.looseObject({ customEngineAgents: z.tuple([z.looseObject({})]) }),
});

/** Hears what it is not mentioned in; at most 16 such permissions. Of group chats it needs none: there it waits for mentions. */
const hearing = ['ChannelMessage.Read.Group'];

/** The app's manifest from the one source. Throws a sentence when the id or the URL is none. */
export function teamsManifest(source: unknown, { appId, url, version, hearsAll = false }: TeamsApp): Json {
  if (!guid.test(appId))
    throw new Error(`“${appId}” is no app id: it looks like 00000000-0000-0000-0000-000000000000.`);
  const { origin, host } = reachable(url);
  const { developer, bots, copilotAgents, ...manifest } = sourceShape.parse(source);
  const permissions = { resourceSpecific: hearing.map((name) => ({ name, type: 'Application' })) };
  return {
    ...manifest,
    id: appId,
    version,
    developer: { websiteUrl: origin, privacyUrl: origin, termsOfUseUrl: origin, ...developer },
    bots: bots.map((bot) => ({ ...bot, botId: appId })),
    copilotAgents: {
      ...copilotAgents,
      customEngineAgents: copilotAgents.customEngineAgents.map((agent) => ({ ...agent, id: appId })),
    },
    validDomains: [host],
    webApplicationInfo: { id: appId, resource: `api://${host}/botid-${appId}` },
    ...(hearsAll ? { authorization: { permissions } } : {}),
  };
}

function reachable(url: string): URL {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new Error(`“${url}” is no address that Teams can reach: it begins with https://.`);
  return new URL(url);
}

/** What is wrong with a manifest, by Microsoft's schema of its version; empty: nothing. */
export function faultsOf(manifest: Json, schema: object): readonly string[] {
  const formats = { uri: (text: string) => URL.canParse(text) };
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, formats });
  // Microsoft names draft 4, which this Ajv does not know; nothing in the schema depends on it.
  const validate = ajv.compile(
    Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema')),
  );
  validate(manifest);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}

/** Width and height in pixels. Throws when it is no PNG. */
export function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const view = Buffer.from(bytes);
  if (view.toString('latin1', 1, 4) !== 'PNG') throw new Error('An icon is no PNG.');
  return { width: view.readUInt32BE(16), height: view.readUInt32BE(20) };
}

/** So that the same app is the same file. */
const sameForAll = '2026-01-01T00:00:00';

/** The package that Teams installs: the manifest and its icons, at the top of a zip archive. */
export function teamsPackage(
  manifest: Json,
  icons: { readonly color: Uint8Array; readonly outline: Uint8Array },
): Uint8Array {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const files = {
    'manifest.json': Buffer.from(text),
    'color.png': icons.color,
    'outline.png': icons.outline,
  };
  return zipSync(files, { mtime: sameForAll });
}
