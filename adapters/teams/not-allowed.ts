/** What somebody is told who may not talk to the bot. */
export function notAllowed(tenant: string): string {
  return `You may not talk to me here. An administrator can let the tenant ${tenant} in under *Manage*, *Tenants* in the console, or grant you the role *operator*.`;
}
