/** A program that runs a PostgreSQL server with fsync on, and takes it away again when the benchmark ends. */
import { startPostgres } from '../test/fakes/postgres.ts';
import { serve } from './program.ts';

const postgres = await startPostgres();
serve({ ready: postgres.url, answer: () => undefined, close: postgres.stop });
