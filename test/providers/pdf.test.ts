import { describe, expect, it } from 'vitest';
import { pdfReader } from '../../src/providers/pdf.ts';
import { lockedPdf, pdf, pdfBomb } from '../fakes/files.ts';

const never = new AbortController().signal;
const file = (bytes: Buffer, id = 'f1') => ({ id, data: bytes.toString('base64') });

describe('the text of a PDF', () => {
  it('is read page by page', async () => {
    const text = await pdfReader()(file(pdf('Disk full on web1', 'Call Ada (07)')), never);
    expect(text).toBe('Page 1:\nDisk full on web1\n\nPage 2:\nCall Ada (07)');
  });

  it('says so where a page has none', async () => {
    expect(await pdfReader()(file(pdf('')), never)).toBe('Page 1:\n(no text, perhaps a picture)');
  });

  it('ends at a number of pages and of characters', async () => {
    const bytes = pdf('one', 'two', 'three');
    expect(await pdfReader({ pages: 2 })(file(bytes), never)).toBe(
      'Page 1:\none\n\nPage 2:\ntwo\n\n(Only 2 of its 3 pages are given.)',
    );
    expect(await pdfReader({ characters: 9 })(file(bytes), never)).toBe(
      'Page 1:\no\n\n(Only 1 of its 3 pages are given.)',
    );
  });

  it('is a sentence where the PDF is broken, empty or behind a password', async () => {
    const read = pdfReader();
    const broken = '(This PDF is broken or too complex, and cannot be read.)';
    expect(await read(file(Buffer.from('%PDF-1.4\nnothing of a PDF')), never)).toBe(broken);
    expect(await read(file(Buffer.alloc(0), 'f2'), never)).toBe(broken);
    expect(await read(file(lockedPdf('secret'), 'f3'), never)).toBe(
      '(This PDF is protected by a password and cannot be read.)',
    );
  });

  it('is given up when reading takes too long or too much memory, and the next is read', async () => {
    const slow = pdfReader({ ms: 1 });
    expect(await slow(file(pdf('late')), never)).toBe('(This PDF could not be read within 0.001 s.)');
    const narrow = pdfReader({ megabytes: 1 });
    expect(await narrow(file(pdf('large')), never)).toBe(
      '(This PDF is broken or too complex, and cannot be read.)',
    );
    expect(await pdfReader()(file(pdf('fine')), never)).toContain('fine');
  });

  it('is given up when it unpacks to more than a machine should hold', async () => {
    const bomb = pdfBomb(400_000_000);
    expect(bomb.length).toBeLessThan(1_000_000);
    const text = await pdfReader({ megabytes: 100, ms: 60_000 })(file(bomb), never);
    expect(text).toBe('(This PDF is broken or too complex, and cannot be read.)');
  });

  it('is waited for no longer than its caller wants', async () => {
    const caller = new AbortController();
    const reading = pdfReader()(file(pdf('x')), caller.signal);
    caller.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
  });
});
