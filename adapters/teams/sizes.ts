/**
 * What Teams takes, each a little below its limit
 * (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages).
 */
export const sizes = {
  /** Of a card, in bytes. */
  card: 24_000,
  /** Of a whole message, in bytes. */
  message: 78_000,
  /** Characters of a message's text; longer ones are hard to read and go on in another message. */
  text: 10_000,
  /** Characters of one paragraph before it is cut. */
  paragraph: 3000,
  /** Characters of prose or code that still stand in a card, after a table or a chart. */
  inCard: 1500,
  tableRows: 100,
  tableColumns: 8,
  /** Code longer than this goes into a file. */
  code: 4000,
  /** An answer of more messages than this goes into a file. */
  messages: 8,
} as const;

/** Of a card, as it is sent. */
export function bytesOfCard(card: object): number {
  return Buffer.byteLength(JSON.stringify(card));
}

/** Of a whole message, as Teams counts it: in UTF-16. */
export function bytesOfMessage(message: object): number {
  return JSON.stringify(message).length * 2;
}
