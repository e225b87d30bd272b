/**
 * What Slack takes in one message (https://docs.slack.dev/reference/block-kit/blocks), each a little
 * below its limit.
 */
export const limits = {
  blocks: 45,
  /** Blocks of a modal or of Home. */
  view: 95,
  section: 2900,
  /** All markdown of a message together. */
  markdown: 10_500,
  /** All blocks of a message as JSON, tables apart. */
  payload: 12_500,
  text: 3900,
  tableRows: 100,
  tableColumns: 20,
  /** Code longer than this goes into a file. */
  code: 3000,
  /** An answer of more messages than this goes into a file. */
  messages: 4,
  /** Of a streamed message. */
  stream: 10_500,
} as const;
