import type { Finding } from '../../src/chat/finding.ts';
import type { TeamsSettings } from '../../src/config/teams.ts';
import type { Connector } from './connector.ts';
import { TokenError } from './tokens.ts';

/** What is looked at. */
export interface Examined {
  readonly settings: Pick<TeamsSettings, 'identity' | 'allowedTenants'>;
  readonly publicUrl?: string;
}

const endpoint = '/api/messages';

/** Looks at how the app is set up: its credentials, who may reach it, and its address. Never throws. */
export async function examine(
  { settings, publicUrl }: Examined,
  connector: Pick<Connector, 'token'>,
): Promise<readonly Finding[]> {
  return [
    await credentialsFinding(settings, connector),
    tenantsFinding(settings),
    addressFinding(publicUrl),
    registrationFinding,
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

function tenantsFinding({ allowedTenants }: Examined['settings']): Finding {
  const about = 'Teams tenants';
  if (allowedTenants.length > 0)
    return { about, status: 'ok', found: `What comes from ${allowedTenants.join(', ')} is heard.` };
  const fix = 'Name them in TEAMS_ALLOWED_TENANTS.';
  return { about, status: 'warning', found: 'What comes from any tenant is heard.', fix };
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
