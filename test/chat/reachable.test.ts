import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/chat/errors.ts';
import { reachable } from '../../src/chat/reachable.ts';

const failing = (error: unknown) => reachable(async () => Promise.reject(error))();

describe('a method that reads the database', () => {
  it('is unavailable while nobody listens there', async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: 9 });
    await expect(reachable(() => client.connect())()).rejects.toBeInstanceOf(UnavailableError);
  });

  it.each([
    ['08006', 'connection failure'],
    ['53300', 'too many clients'],
    ['57P01', 'terminating connection due to administrator command'],
    ['57P03', 'the database system is starting up'],
    ['ECONNRESET', 'read ECONNRESET'],
    [undefined, 'Connection terminated unexpectedly'],
    [undefined, 'timeout exceeded when trying to connect'],
  ])('is unavailable after %s, %s', async (code, message) => {
    const error = Object.assign(new Error(message), code === undefined ? {} : { code });
    await expect(failing(error)).rejects.toMatchObject({ name: 'UnavailableError', cause: error });
  });

  it('fails as it did for every other reason', async () => {
    const error = Object.assign(new Error('duplicate key'), { code: '23505' });
    await expect(failing(error)).rejects.toBe(error);
  });
});
