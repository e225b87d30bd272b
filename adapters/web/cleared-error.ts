/** The thread was cleared while somebody waited for its turn. HTTP 404. */
export class ClearedError extends Error {
  override readonly name = 'ClearedError';

  constructor() {
    super('The thread was cleared while its turn ran.');
  }
}
