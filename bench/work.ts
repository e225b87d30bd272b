/** The one piece of work that is measured: a question, one tool call, an answer. Both sides do exactly this. */
export const work = {
  question: 'How is api-7 doing? Look it up and tell me in two sentences.',
  /** The MCP server's name as configured; the bot calls its tool `<server>__<tool>`. */
  server: 'bench',
  tool: 'lookup',
  arguments: JSON.stringify({ name: 'api-7' }),
  result: [
    'name: api-7',
    'status: running, 14 of 14 checks pass',
    'uptime: 41 days, 6 restarts in total, the last by a deployment',
    'requests: 312 per second, p50 18 ms, p99 141 ms, 0.02 % errors',
    'memory: 1.9 of 4.0 GiB, flat over 24 hours',
    'note: certificate of its ingress ends in 19 days',
  ].join('\n'),
  /** The answer as the model streams it, about 60 pieces. */
  pieces: [
    'The service **api-7** is healthy: all 14 checks pass, it has run for 41 days, and it answers 312',
    ' requests per second with a p99 of 141 ms and 0.02 % errors. Memory is flat at 1.9 of 4.0 GiB, so the',
    ' only thing to plan is the certificate of its ingress, which ends in 19 days.',
  ]
    .join('')
    .match(/\s*\S+/g) as readonly string[],
} as const;

/** What the model answers in the end, as one text. */
export const answer = work.pieces.join('');

/** Messages that one turn adds: question, call, result, answer. */
export const messagesPerTurn = 4;
