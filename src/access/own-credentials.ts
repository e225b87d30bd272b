const own =
  /^(SLACK_|MICROSOFT_?APP|CERTIFICATE(THUMBPRINT|PRIVATEKEY)|TEAMS_|DATABASE_|POSTGRES_|PG|REDIS_|VAULT_|OIDC_|AI_OPS_)/i;

/** Whether a variable holds a credential of the bot itself, which no resource may ever name. */
export function isOwnCredential(name: string): boolean {
  return own.test(name);
}
