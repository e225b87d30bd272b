import type pg from 'pg';
import { encodeThreadId } from '../adapters/web/thread-id.ts';
import { messagesPerTurn } from './work.ts';

/** Makes threads with long conversations, quickly: copies of a real turn's checkpoint, chained as the bot chains them. */
export interface Seeder {
  /** Threads of these names with so many messages each, an even number. */
  seed(names: readonly string[], messages: number): Promise<void>;
}

/** `template` is a thread in which the bot has answered exactly one question. */
export function createSeeder(database: pg.Client, template: string): Seeder {
  const idOf = (name: string) => encodeThreadId({ principal: 'token:admin', id: name });
  return {
    async seed(names, messages) {
      const turns = Math.floor(messages / messagesPerTurn);
      const plain = messages % messagesPerTurn === 0 ? 0 : 1;
      await database.query(seedSql, [names.map(idOf), idOf(template), turns + plain, plain]);
    },
  };
}

/** The first `$4` checkpoints of each thread are turns without a tool: question and answer only. */
const seedSql = `
  with template as (
    select t.platform, t.started_by, t.title, t.generation, c.tokens, c.messages,
      jsonb_build_array(c.messages->0, c.messages->-1) as plain
    from threads t join checkpoints c on c.thread_id = t.thread_id and c.id = t.head
    where t.thread_id = $2
  ), thread as (
    insert into threads (thread_id, platform, started_by, title, generation, head, head_at)
    select id, platform, started_by, title, generation, case when $3::int > 0 then id || '/' || $3::int end, now()
    from template, unnest($1::text[]) as id
    returning thread_id
  )
  insert into checkpoints (thread_id, id, prev, tokens, messages)
  select thread_id, thread_id || '/' || i, case when i > 1 then thread_id || '/' || (i - 1) end, tokens,
    case when i <= $4::int then plain else messages end
  from thread, template, generate_series(1, $3::int) as i
  order by thread_id, i`;
