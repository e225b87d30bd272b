const special = /<([@#!]?)([^>|\s]*)(?:\|([^>]*))?>/g;

/**
 * A text of Slack as a command line: people and channels as principals, so that they can be granted to,
 * links as they were written, no escapes. The bot's own mention is left out.
 */
export function commandText(
  text: string,
  { team, botUser = '' }: { team: string; botUser?: string },
): string {
  const read = text.replace(special, (_whole, kind: string, id: string, label: string | undefined) => {
    if (kind === '@') return id === botUser ? '' : `slack:${team}:${id}`;
    if (kind === '#') return `channel:slack:${team}:${id}`;
    if (kind === '!') return label ?? `@${id}`;
    // What was written without a scheme is shown as it was written.
    return label !== undefined && /^(https?|mailto):/.test(id) && id.endsWith(label) ? label : id;
  });
  return read.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();
}
