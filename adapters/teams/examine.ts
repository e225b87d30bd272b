import type { Finding } from '../../src/chat/finding.ts';
import { agoText, dayText, type HeardLast, type HeardSince } from '../../src/chat/heard-last.ts';
import type { TeamsSettings } from '../../src/config/teams.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { Connector } from './connector.ts';
import { TokenError } from './tokens.ts';

/** What is looked at. */
export interface Examined {
  readonly settings: Pick<TeamsSettings, 'identity' | 'allowedTenants'>;
  readonly publicUrl?: string;
  /** What came of Teams; absent: nobody remembers. */
  readonly heard?: HeardLast;
  readonly clock?: Pick<Clock, 'now'>;
}

/** What is noted of a tenant begins with this. */
export const tenantMark = 'tenant ';

/** The activities of which it is remembered when one came last, each with what it is. */
export const activities: Readonly<Record<string, string>> = {
  message: 'messages',
  messageUpdate: 'edits',
  messageDelete: 'deletions',
  messageReaction: 'reactions',
  conversationUpdate: 'comings and goings',
  installationUpdate: 'installations',
  invoke: 'presses and forms',
};

const endpoint = '/api/messages';

/** Looks at how the app is set up: its credentials, who may reach it, and its address. Never throws. */
export async function examine(
  { settings, publicUrl, heard, clock }: Examined,
  connector: Pick<Connector, 'token'>,
): Promise<readonly Finding[]> {
  const came = await heard?.read().catch(() => undefined);
  return [
    await credentialsFinding(settings, connector),
    tenantsFinding(settings, came),
    addressFinding(publicUrl),
    came === undefined ? registrationFinding : activityFinding(came, clock?.now() ?? Date.now()),
  ];
}

async function credentialsFinding(
  { identity }: Examined['settings'],
  connector: Pick<Connector, 'token'>,
): Promise<Finding> {
  const about = 'Teams credentials';
  if (identity.kind === 'anonymous')
    return {
      about,
      status: 'warning',
      found: 'There are none: whoever reaches this computer’s address is believed.',
      fix: 'Set MicrosoftAppId and its credentials, and take TEAMS_ALLOW_ANONYMOUS away.',
    };
  try {
    await connector.token();
    return { about, status: 'ok', found: 'Microsoft Entra ID gives a token for them.' };
  } catch (error) {
    const isRefused = error instanceof TokenError && error.isRefused;
    return isRefused
      ? {
          about,
          status: 'failed',
          found: 'Microsoft Entra ID refuses them.',
          fix: `Compare MicrosoftAppId, MicrosoftAppTenantId and ${proofs[identity.kind]} with the app registration: a secret may have expired.`,
        }
      : {
          about,
          status: 'failed',
          found: 'Microsoft Entra ID cannot be asked for a token.',
          fix: 'Let the bot reach https://login.microsoftonline.com, by HTTPS_PROXY where there is a proxy.',
        };
  }
}

const proofs = {
  secret: 'MicrosoftAppPassword',
  certificate: 'the certificate',
  managed: 'the managed identity',
} as const;

function tenantsFinding({ allowedTenants }: Examined['settings'], came: HeardSince | undefined): Finding {
  const about = 'Teams tenants';
  const heard = [...(came?.last.keys() ?? [])]
    .filter((what) => what.startsWith(tenantMark))
    .map((what) => what.slice(tenantMark.length));
  const seen = heard.length === 0 ? '' : ` So far something came from ${heard.join(', ')}.`;
  if (allowedTenants.length > 0)
    return { about, status: 'ok', found: `What comes from ${allowedTenants.join(', ')} is heard.${seen}` };
  const fix = 'Name them in TEAMS_ALLOWED_TENANTS.';
  return { about, status: 'warning', found: `What comes from any tenant is heard.${seen}`, fix };
}

/** What came proves that the registration points here; that nothing came proves nothing. */
function activityFinding({ since, last }: HeardSince, now: number): Finding {
  const about = 'Teams registration';
  const came = Object.entries(activities).flatMap(([type, words]) => {
    const at = last.get(type);
    return at === undefined ? [] : [`${words}: last received ${agoText(at, now)}`];
  });
  if (came.length > 0) return { about, status: 'ok', found: `${came.join('; ')}.` };
  return {
    about,
    status: 'warning',
    found: `Nothing was received since ${dayText(since)}.`,
    fix: `Enter the bot’s public address with ${endpoint} as the Azure Bot’s messaging endpoint, and install what \`node scripts/teams-manifest.ts\` makes.`,
  };
}

function addressFinding(publicUrl: string | undefined): Finding {
  const about = 'Teams address';
  if (publicUrl === undefined)
    return {
      about,
      status: 'warning',
      found: 'The bot does not know under which address Teams reaches it.',
      fix: `Set AI_OPS_PUBLIC_URL, and enter it with ${endpoint} as the Azure Bot’s messaging endpoint.`,
    };
  const address = new URL(endpoint, publicUrl).href;
  if (publicUrl.startsWith('https:'))
    return { about, status: 'ok', found: `Teams is to write to ${address}.` };
  const fix = 'Put the bot behind https, and set AI_OPS_PUBLIC_URL to that address.';
  return { about, status: 'failed', found: `Teams writes to https addresses alone, not to ${address}.`, fix };
}

/** The registration is Azure’s and the manifest is Teams’: a bot’s token opens neither. */
const registrationFinding: Finding = {
  about: 'Teams registration and manifest',
  status: 'unknown',
  found: 'Teams does not tell them to a bot.',
  fix: 'Compare the Azure Bot’s messaging endpoint, and install what `node scripts/teams-manifest.ts` makes.',
};
