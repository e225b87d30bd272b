/** To whom something can be granted, by the first part of the principal. */
const shapes: Readonly<Record<string, { readonly pattern: RegExp; readonly example: string }>> = {
  slack: { pattern: /^slack:[^:\s]+:[^:\s]+$/, example: 'slack:<team id>:<user id>' },
  teams: { pattern: /^teams:[^:\s]+:[^:\s]+$/, example: 'teams:<tenant id>:<object id>' },
  web: { pattern: /^web:\S+$/, example: 'web:<id>' },
  token: { pattern: /^token:(admin|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/, example: 'token:<id>' },
  group: { pattern: /^group:\S(.*\S)?$/, example: 'group:<name>' },
  channel: { pattern: /^channel:(slack|teams):\S+$/, example: 'channel:slack:<team id>:<channel id>' },
  tenant: { pattern: /^tenant:(\*|(slack|teams):[^:\s]+)$/, example: 'tenant:slack:<team id> or tenant:*' },
};

/** Kinds of principals that are one person, one program, or a group of people. */
export const callers = ['slack', 'teams', 'web', 'token', 'group'] as const;

const longest = 512;
const control = /\p{Cc}/u;

/** What is wrong with a principal, as a sentence; nothing, when it is right. */
export function principalProblem(
  principal: string,
  kinds: readonly string[] = Object.keys(shapes),
): string | undefined {
  if (principal.length > longest) return `A principal has at most ${longest} characters.`;
  const kind = kinds.find((name) => principal.startsWith(`${name}:`));
  const shape = kind === undefined ? undefined : shapes[kind];
  if (shape === undefined) return `A principal begins with one of ${kinds.join(':, ')}:.`;
  if (shape.pattern.test(principal) && !control.test(principal)) return undefined;
  return `Such a principal looks like ${shape.example}.`;
}
