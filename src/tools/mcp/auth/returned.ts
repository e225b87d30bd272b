import type { OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js';

/**
 * Why what a person came back with may not be believed; undefined when it may. An authorization server
 * that names itself must be the one that the person was sent to (RFC 9207).
 */
export function issuerProblem(
  returned: URLSearchParams,
  { authorizationServerMetadata: metadata }: OAuthDiscoveryState,
): string | undefined {
  const error = returned.get('error');
  if (error !== null) return `its authorization server refused (${error.slice(0, 60)})`;
  if (!returned.get('code')) return 'its authorization server sent no code';
  const issuer = returned.get('iss');
  if (metadata === undefined) return undefined;
  const says = Reflect.get(metadata, 'authorization_response_iss_parameter_supported') === true;
  if (issuer === null && says) return 'the answer did not say which authorization server it came from';
  if (issuer !== null && issuer !== metadata.issuer)
    return 'the answer came from another authorization server';
  return undefined;
}
