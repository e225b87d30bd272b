import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { beginning, follow, rowsHash, sealHash, sealRows } from '../../src/observe/audit-chain.ts';
import type { AuditRow, Seal } from '../../src/observe/port.ts';

const at = '2026-01-02T03:04:05.678901Z';
const row: AuditRow = {
  id: '7',
  at,
  actor: 'web:ada',
  action: 'llm-models.change',
  target: 'gpt',
  detail: { b: [1, { y: null, x: 'ü' }], a: true },
  source: 'rest',
  address: '127.0.0.1',
  threadId: 'web:t',
  turnId: '4dd6a93c-54e7-4ad2-bd6a-ae0ed0e4c3d4',
};

describe('the hash of rows', () => {
  it('is that of one canonical line for each row', () => {
    const line =
      '{"action":"llm-models.change","actor":"web:ada","address":"127.0.0.1","at":"2026-01-02T03:04:05.678901Z",' +
      '"detail":{"a":true,"b":[1,{"x":"ü","y":null}]},"id":"7","source":"rest","target":"gpt",' +
      '"threadId":"web:t","turnId":"4dd6a93c-54e7-4ad2-bd6a-ae0ed0e4c3d4"}\n';
    expect(rowsHash([row])).toBe(createHash('sha256').update(line).digest('hex'));
  });

  it('is the same whether or not the rows are sealed, and however their detail is ordered', () => {
    const detail = { a: true, b: [1, { x: 'ü', y: null }] };
    expect(rowsHash([{ ...row, detail, seal: 3 }])).toBe(rowsHash([row]));
  });

  it.each(Object.keys(row))('is another when %s is', (field) => {
    expect(rowsHash([{ ...row, [field]: 'other' }])).not.toBe(rowsHash([row]));
  });

  it('is another when rows change places', () => {
    const second = { ...row, id: '8' };
    expect(rowsHash([second, row])).not.toBe(rowsHash([row, second]));
  });
});

describe('the hash of a seal', () => {
  const seal = sealRows(beginning, [row, { ...row, id: '9' }], at);

  it('covers everything that the seal says', () => {
    const { hash, ...said } = seal;
    expect(said).toMatchObject({ n: 1, firstId: '7', lastId: '9', rowCount: 2, prevHash: '0'.repeat(64) });
    for (const field of Object.keys(said)) {
      expect(sealHash({ ...said, [field]: 'other' }), field).not.toBe(hash);
    }
  });
});

describe('following the chain', () => {
  const first = sealRows(beginning, [row], at);
  const second = sealRows(first, [{ ...row, id: '8' }], at);
  const head = { n: 1, hash: first.hash, rows: 1, pruned: 0 };
  const link = (seal: Seal) => ({ seal, isPruned: false, rows: [{ ...row, id: '8' }] });

  it('ends at the last seal, with all rows counted', () => {
    expect(follow(head, link(second))).toEqual({ n: 2, hash: second.hash, rows: 2, pruned: 0 });
  });

  it('tells a seal that was changed from one that was made anew', () => {
    expect(follow(head, link({ ...second, lastId: '9' }))).toMatchObject({
      flaw: 'seal_changed',
      brokenSeal: 2,
    });
    const anew = sealRows({ n: 1, hash: 'f'.repeat(64) }, [{ ...row, id: '8' }], at);
    expect(follow(head, link(anew))).toMatchObject({ flaw: 'chain_broken', brokenSeal: 2 });
  });

  it('names the seal that is missing', () => {
    const third = sealRows(second, [{ ...row, id: '8' }], at);
    const reason = 'Seal 2 is missing: the next one is seal 3.';
    expect(follow(head, link(third))).toEqual({ flaw: 'seal_missing', brokenSeal: 2, reason });
  });

  it('takes a pruned seal without rows at the beginning, and no wrong rows under one', () => {
    const pruned = { seal: first, isPruned: true, rows: [] };
    expect(follow(beginning, pruned)).toEqual({ n: 1, hash: first.hash, rows: 0, pruned: 1 });
    expect(follow(beginning, { ...pruned, rows: [{ ...row, id: '9' }] })).toMatchObject({
      flaw: 'row_changed',
    });
  });

  it('takes no pruned seal after one that is kept', () => {
    const pruned = { seal: second, isPruned: true, rows: [] };
    expect(follow(head, pruned)).toMatchObject({ flaw: 'pruned_out_of_order', brokenSeal: 2 });
  });
});
