import { describe, expect, it } from 'vitest';
import { fileLimits } from '../../src/chat/file-limits.ts';
import { checkFile, fittingFiles, type InboundFile } from '../../src/chat/files.ts';
import { gif, pdf, png } from '../fakes/files.ts';

const check = (bytes: Buffer, name = 'a') => checkFile({ name, bytes });
const typeOf = (bytes: Buffer) => {
  const checked = check(bytes);
  return checked.ok ? checked.file.mediaType : checked.sentence;
};

describe('what a file is', () => {
  it('is told by its first bytes', () => {
    expect(typeOf(png)).toBe('image/png');
    expect(typeOf(gif)).toBe('image/gif');
    expect(typeOf(Buffer.from('ffd8ffe000104a464946', 'hex'))).toBe('image/jpeg');
    expect(typeOf(Buffer.from('RIFF\x24\x00\x00\x00WEBPVP8 ', 'latin1'))).toBe('image/webp');
    expect(typeOf(pdf('x'))).toBe('application/pdf');
    expect(typeOf(Buffer.concat([Buffer.from('\n'), pdf('x')]))).toBe('application/pdf');
  });

  it.each([
    ['nothing', ''],
    ['a page', '<!DOCTYPE html>'],
    ['a sound', 'RIFF\x24\x00\x00\x00WAVEfmt '],
    ['the beginning of a PNG', '\x89PNG'],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(typeOf(Buffer.from(bytes, 'latin1'))).toBe(
      'The file a was not taken: it is no PNG, JPEG, GIF or WebP image and no PDF.',
    );
  });

  it('is refused when it is too large, by its kind', () => {
    const padded = (bytes: Buffer, size: number) => Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
    expect(typeOf(padded(png, fileLimits.imageBytes))).toBe('image/png');
    expect(typeOf(padded(png, fileLimits.imageBytes + 1))).toContain(
      'it has 5.1 MB, and an image may have 5 MB',
    );
    expect(typeOf(padded(pdf('x'), fileLimits.pdfBytes))).toBe('application/pdf');
    expect(typeOf(padded(pdf('x'), fileLimits.pdfBytes + 1))).toContain('a PDF may have 10 MB');
  });

  it('has a name in one line that stands for itself alone', () => {
    const nameOf = (name: string) => {
      const checked = check(png, name);
      return checked.ok ? checked.file.name : '';
    };
    expect(nameOf(' a\nb]\u0000 [image <c>\u202e.png ')).toBe('a b image c .png');
    expect(nameOf('\n')).toBe('file');
    expect(nameOf('x'.repeat(500))).toHaveLength(120);
  });
});

describe('the files of a message', () => {
  const file = (name: string, bytes: number): InboundFile => ({
    name,
    bytes,
    mediaType: 'image/png',
    data: '',
  });

  it('are taken as far as they fit', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 1));
    expect(fittingFiles(five)).toEqual({ files: five, sentences: [] });
    const { files, sentences } = fittingFiles([...five, file('f', 1)]);
    expect(files).toEqual(five);
    expect(sentences).toEqual(['The file f was not taken: a message brings 5 files at most.']);
  });

  it('leave out one that is too much, and take a smaller one after it', () => {
    const half = fileLimits.totalBytes / 2;
    const { files, sentences } = fittingFiles([file('a', half), file('b', half + 1), file('c', half)]);
    expect(files.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(sentences).toEqual(['The file b was not taken: all files of a message together may have 15 MB.']);
  });
});
