import { z } from 'zod';

/** In the variables of Microsoft's own tools. */
const variables = {
  AZURE_TENANT_ID: z
    .string()
    .optional()
    .describe('For models on Azure with `"auth": "entra"`: the tenant where the bot signs in.'),
  AZURE_CLIENT_ID: z.string().optional().describe('The bot’s application or managed identity there.'),
  AZURE_FEDERATED_TOKEN_FILE: z
    .string()
    .optional()
    .describe('Its token of Kubernetes, for workload identity. Without it and a secret: managed identity.'),
  AZURE_AUTHORITY_HOST: z
    .string()
    .refine((value) => URL.parse(value)?.protocol === 'https:', {
      error: 'must be a URL like https://login.microsoftonline.us',
    })
    .optional()
    .describe('Another cloud’s sign-in than `https://login.microsoftonline.com`.'),
};

const schema = z.object(variables);

/** What the variables say of it. */
export interface EntraSettings {
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly tokenFile?: string;
  readonly authorityHost?: string;
}

/** Undefined: nothing is said. */
function read(given: z.infer<typeof schema>): EntraSettings | undefined {
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE, AZURE_AUTHORITY_HOST } = given;
  const settings = {
    ...(AZURE_TENANT_ID === undefined ? {} : { tenantId: AZURE_TENANT_ID }),
    ...(AZURE_CLIENT_ID === undefined ? {} : { clientId: AZURE_CLIENT_ID }),
    ...(AZURE_FEDERATED_TOKEN_FILE === undefined ? {} : { tokenFile: AZURE_FEDERATED_TOKEN_FILE }),
    ...(AZURE_AUTHORITY_HOST === undefined ? {} : { authorityHost: AZURE_AUTHORITY_HOST }),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/** All that the environment says of the bot's identity at Microsoft Entra ID. */
export const entraConfig = { variables, contradictions: () => [], read, secrets: () => [] };
