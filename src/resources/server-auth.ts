import { referenceIn, refusalOf } from '../access/secret-reference.ts';
import type { FieldErrors } from '../chat/form.ts';
import { keyAlgorithms } from '../tools/port.ts';
import type { Field, Values } from './definition.ts';
import { choice, integer, secretReference, text, webUrl, written } from './field.ts';
import type { World } from './world.ts';

const withOAuth = { field: 'auth', in: ['client_credentials', 'oauth_bot', 'oauth_user'] } as const;

/** A plain name is not resolved here. */
function refuse(reference: string): string | undefined {
  if (referenceIn(reference) === undefined) return 'Write env:NAME, file:name or vault:mount/path#field.';
  return refusalOf(reference);
}

/** How an MCP server learns who asks it. */
export const authFields: Readonly<Record<string, Field>> = {
  auth: choice({
    label: 'Authorization',
    help: 'none: by headers alone. Client credentials: the bot by itself. The rest: somebody signs in, once for the bot or each person for themselves.',
    initial: 'none',
    choices: [
      { value: 'none', label: 'Headers only' },
      { value: 'client_credentials', label: 'OAuth: client credentials' },
      { value: 'oauth_bot', label: 'OAuth: one account for the bot' },
      { value: 'oauth_user', label: 'OAuth: an account for each person' },
    ],
    shownWhen: { field: 'protocol', in: ['http'] },
  }),
  oauth_client_id: text({
    label: 'Client id',
    help: 'Of a client that you registered. Empty: the bot registers by itself, where that is possible.',
    initial: '',
    max: 500,
    shownWhen: withOAuth,
  }),
  oauth_client_secret: secretReference({
    label: 'Client secret',
    help: 'Where it is, such as env:NAME.',
    initial: '',
    refuse,
    shownWhen: withOAuth,
  }),
  oauth_private_key: secretReference({
    label: 'Private key',
    help: 'Where the PEM (PKCS #8) is that the client signs with instead of a secret, such as file:name.',
    initial: '',
    refuse,
    shownWhen: withOAuth,
  }),
  oauth_key_algorithm: choice({
    label: 'Key algorithm',
    help: 'By what the private key signs.',
    initial: 'RS256',
    choices: keyAlgorithms.map((value) => ({ value, label: value })),
    shownWhen: withOAuth,
  }),
  oauth_scopes: text({
    label: 'Scopes',
    help: 'Separated by spaces. Empty: those that the server names.',
    initial: '',
    max: 1000,
    shownWhen: withOAuth,
  }),
  oauth_issuer: written({
    label: 'Authorization server',
    help: 'The one that gets the client’s credentials. Empty: the first one that the server names.',
    initial: '',
    schema: webUrl,
    shownWhen: withOAuth,
    placeholder: 'https://login.example.com',
  }),
  connected_identities: integer({
    label: 'Signed in',
    help: 'How many identities are signed in to it.',
    initial: 0,
    isReadOnly: true,
  }),
};

/** What is wrong with these fields together. */
export function authErrors(values: Values, world: Pick<World, 'signIns'>): FieldErrors {
  const { auth, protocol } = values;
  if (auth === 'none') return {};
  const refusal = world.signIns.refusal();
  if (protocol !== 'http')
    return { auth: ['Only http servers are signed in to; a stdio server gets secrets by its environment.'] };
  if (refusal !== undefined) return { auth: [refusal] };
  return {
    ...headerErrors(values),
    ...clientErrors(values),
    ...issuerErrors(values),
  };
}

function headerErrors({ headers }: Values): FieldErrors {
  const names = Object.keys(Object(headers)).map((name) => name.toLowerCase());
  return names.includes('authorization')
    ? { headers: ['The authorization sets this header by itself; leave Authorization out.'] }
    : {};
}

function clientErrors(values: Values): FieldErrors {
  const { auth, oauth_client_id: id, oauth_client_secret: secret, oauth_private_key: key } = values;
  if (secret !== '' && key !== '')
    return { oauth_private_key: ['A client has a secret or a private key, not both.'] };
  if (id === '' && auth === 'client_credentials')
    return { oauth_client_id: ['Client credentials need the id of a client that you registered.'] };
  if (id === '' && (secret !== '' || key !== ''))
    return { oauth_client_id: ['Say which client the secret or the key belongs to.'] };
  if (auth === 'client_credentials' && secret === '' && key === '')
    return { oauth_client_secret: ['Client credentials need a client secret or a private key.'] };
  return {};
}

function issuerErrors({ oauth_issuer: issuer, mcp_type: type }: Values): FieldErrors {
  return type === 'external' && String(issuer).startsWith('http://')
    ? { oauth_issuer: ['The authorization server of an external server must be reached by https.'] }
    : {};
}
