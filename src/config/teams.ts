import { z } from 'zod';
import type { Variables } from './contradictions.ts';
import { isLoopback, isSafe } from './loopback.ts';

/** How the bot proves to Microsoft who it is. */
export type TeamsIdentity =
  | { readonly kind: 'secret'; readonly appId: string; readonly tenantId?: string; readonly password: string }
  | {
      readonly kind: 'certificate';
      readonly appId: string;
      readonly tenantId?: string;
      readonly thumbprint: string;
      readonly privateKey: string;
    }
  | { readonly kind: 'managed'; readonly appId: string; readonly tenantId: string }
  /** Not at all: whoever reaches the loopback address is believed. */
  | { readonly kind: 'anonymous' };

/** The app in Microsoft Teams. */
export interface TeamsSettings {
  readonly identity: TeamsIdentity;
  /** Entra tenants, lower case; empty with an anonymous bot alone: all. */
  readonly allowedTenants: readonly string[];
  /** Another connector’s keys, for tests. */
  readonly openIdMetadataUrl?: string;
  /** Another place where the bot gets its tokens, for tests. */
  readonly loginUrl?: string;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const types = ['SingleTenant', 'MultiTenant', 'UserAssignedMSI'] as const;
type AppType = (typeof types)[number];

/** As Microsoft’s own code compares it. */
function typeOf(text: string): AppType | undefined {
  return types.find((type) => type.toLowerCase() === text.trim().toLowerCase());
}

const id = (what: string) =>
  z.string().regex(guid, { error: `must be ${what}, such as 00000000-0000-0000-0000-000000000000` });

const testUrl = z
  .string()
  .refine((value) => URL.canParse(value) && isSafe(new URL(value)) && isHere(value), {
    error: 'must be a URL on a loopback address; it is for tests',
  })
  .optional();

const variables = {
  MicrosoftAppId: id('the id of the app')
    .optional()
    .describe('The Azure Bot’s app id. With it the bot is in Microsoft Teams, at `/api/messages`.'),
  MicrosoftAppPassword: z
    .string()
    .optional()
    .describe('Its client secret. With a certificate or a managed identity there is none.'),
  MicrosoftAppType: z
    .string()
    .refine((value) => typeOf(value) !== undefined, { error: `must be ${types.join(', ')}` })
    .optional()
    .describe('The Azure Bot’s type: `SingleTenant` (the default), `UserAssignedMSI` or `MultiTenant`.'),
  MicrosoftAppTenantId: id('the id of the tenant')
    .optional()
    .describe('The Entra tenant that the Azure Bot is in; its people may talk to the bot.'),
  CertificateThumbprint: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/i, {
      error: 'must be a thumbprint of 40 or 64 hexadecimal digits',
    })
    .optional()
    .describe('Instead of a client secret: the thumbprint of the app’s certificate …'),
  CertificatePrivateKey: z
    .string()
    .transform((value) => value.replaceAll('\\n', '\n'))
    .refine(
      (value) =>
        /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[\s\S]*-----END [A-Z ]*PRIVATE KEY-----\s*$/.test(value),
      {
        error: 'must be a private key in PEM; \\n may stand for its line breaks',
      },
    )
    .optional()
    .describe('… and its private key in PEM.'),
  TEAMS_ALLOWED_TENANTS: z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((tenant) => tenant.trim().toLowerCase())
        .filter((tenant) => tenant !== ''),
    )
    .refine((tenants) => tenants.length > 0 && tenants.every((tenant) => guid.test(tenant)), {
      error: 'must be ids of tenants, comma separated',
    })
    .optional()
    .describe('Entra tenants whose activities are taken, comma separated. Default: `MicrosoftAppTenantId`.'),
  TEAMS_ALLOW_ANONYMOUS: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .optional()
    .describe(
      '`true`: Teams without any app and any check, to try it with the Agents Playground. Only on a loopback `HOST`, never in PROD.',
    ),
  TEAMS_OPENID_METADATA_URL: testUrl.describe('Where another Bot Connector’s keys are found, for tests.'),
  TEAMS_LOGIN_URL: testUrl.describe(
    'Where the bot gets its tokens instead of Microsoft Entra ID, for tests: what stands before `/oauth2/v2.0/token`.',
  ),
};

const schema = z.object(variables);

/** Undefined: the bot is not in Teams. */
function read(given: z.infer<typeof schema>): TeamsSettings | undefined {
  const identity = identityOf(given);
  if (identity === undefined) return undefined;
  const own = given.MicrosoftAppTenantId === undefined ? [] : [given.MicrosoftAppTenantId.toLowerCase()];
  const { TEAMS_OPENID_METADATA_URL: openIdMetadataUrl, TEAMS_LOGIN_URL: loginUrl } = given;
  return {
    identity,
    allowedTenants: given.TEAMS_ALLOWED_TENANTS ?? own,
    ...(openIdMetadataUrl === undefined ? {} : { openIdMetadataUrl }),
    ...(loginUrl === undefined ? {} : { loginUrl: loginUrl.replace(/\/$/, '') }),
  };
}

function identityOf(given: z.infer<typeof schema>): TeamsIdentity | undefined {
  const { MicrosoftAppId: appId, MicrosoftAppPassword: password, MicrosoftAppTenantId: tenantId } = given;
  if (appId === undefined) return given.TEAMS_ALLOW_ANONYMOUS === 'true' ? { kind: 'anonymous' } : undefined;
  const type = typeOf(given.MicrosoftAppType ?? 'SingleTenant');
  if (type === 'UserAssignedMSI') {
    return tenantId === undefined ? undefined : { kind: 'managed', appId, tenantId };
  }
  const tenant = type === 'MultiTenant' || tenantId === undefined ? {} : { tenantId };
  const { CertificateThumbprint: thumbprint, CertificatePrivateKey: privateKey } = given;
  if (thumbprint !== undefined && privateKey !== undefined)
    return { kind: 'certificate', appId, ...tenant, thumbprint, privateKey };
  return password === undefined ? undefined : { kind: 'secret', appId, ...tenant, password };
}

/** What is missing, or too much, where something of Teams is set. */
function contradictions(env: Variables): readonly string[] {
  const isAnonymous = env.TEAMS_ALLOW_ANONYMOUS === 'true';
  if (env.MicrosoftAppId !== undefined)
    return [
      ...(isAnonymous ? ['TEAMS_ALLOW_ANONYMOUS must not be set, because MicrosoftAppId is.'] : []),
      ...tenantProblems(env),
      ...proofProblems(env),
      ...keyProblems(env, 'MicrosoftAppId'),
    ];
  // In PROD it is refused as such.
  if (isAnonymous) return env.AI_OPS_ENV === 'PROD' ? [] : keyProblems(env, 'TEAMS_ALLOW_ANONYMOUS');
  const others = needing.filter((name) => env[name] !== undefined);
  if (others.length === 0) return [];
  return [
    `MicrosoftAppId is missing, which ${others.join(' and ')} ${others.length === 1 ? 'needs' : 'need'}.`,
  ];
}

/** In LAB a key is made. */
function keyProblems(env: Variables, because: string): readonly string[] {
  const isLab = env.AI_OPS_ENV === undefined || env.AI_OPS_ENV === 'LAB';
  if (isLab || env.AI_OPS_ENCRYPTION_KEY !== undefined) return [];
  return [
    `AI_OPS_ENCRYPTION_KEY must be set, because ${because} is: how conversations are reached is kept encrypted.`,
  ];
}

const needing = [
  'MicrosoftAppPassword',
  'MicrosoftAppType',
  'MicrosoftAppTenantId',
  'CertificateThumbprint',
  'CertificatePrivateKey',
  'TEAMS_ALLOWED_TENANTS',
  'TEAMS_OPENID_METADATA_URL',
  'TEAMS_LOGIN_URL',
];

function tenantProblems(env: Variables): readonly string[] {
  const type = typeOf(env.MicrosoftAppType ?? 'SingleTenant');
  if (type === 'MultiTenant')
    return env.TEAMS_ALLOWED_TENANTS === undefined && env.MicrosoftAppTenantId === undefined
      ? ['TEAMS_ALLOWED_TENANTS is missing, which MicrosoftAppType MultiTenant needs.']
      : [];
  return env.MicrosoftAppTenantId === undefined
    ? [`MicrosoftAppTenantId is missing, which MicrosoftAppType ${type ?? 'SingleTenant'} needs.`]
    : [];
}

/** There is exactly one way to prove who the bot is. */
function proofProblems(env: Variables): readonly string[] {
  const certificate = ['CertificateThumbprint', 'CertificatePrivateKey'];
  const there = certificate.filter((name) => env[name] !== undefined);
  const secrets = [...(env.MicrosoftAppPassword === undefined ? [] : ['MicrosoftAppPassword']), ...there];
  if (typeOf(env.MicrosoftAppType ?? '') === 'UserAssignedMSI')
    return secrets.map((name) => `${name} must not be set, because MicrosoftAppType is UserAssignedMSI.`);
  if (there.length === 1)
    return [`${certificate.find((name) => !there.includes(name))} is missing, which ${there[0]} needs.`];
  if (secrets.length > 2)
    return [
      'MicrosoftAppPassword must not be set, because there is a certificate: there is one way to sign in.',
    ];
  return secrets.length > 0
    ? []
    : [
        'MicrosoftAppPassword, or CertificateThumbprint with CertificatePrivateKey, is missing, which MicrosoftAppId needs.',
      ];
}

function isHere(url: string): boolean {
  return isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'));
}

/** The secrets among them. */
function secrets(settings: TeamsSettings | undefined): readonly string[] {
  const identity = settings?.identity;
  if (identity?.kind === 'secret') return [identity.password];
  return identity?.kind === 'certificate' ? [identity.privateKey] : [];
}

/** All that the environment says of Microsoft Teams. */
export const teamsConfig = { variables, contradictions, read, secrets };
