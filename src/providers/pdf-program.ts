import { buffer } from 'node:stream/consumers';
import type { PdfFound } from './pdf-words.ts';

/**
 * A program of its own: reads one PDF from its input and writes what it found as JSON. Started by
 * `pdfReader` alone, which tells it where the library is and how many pages and characters it may read.
 */
const [entry = '', ...limits] = process.argv.slice(2);
const [mostPages, mostCharacters] = limits.map(Number);
const library: typeof import('unpdf') = await import(entry);
const found = await readPdf(await buffer(process.stdin)).catch(whyNot);
process.stdout.write(JSON.stringify(found));

async function readPdf(bytes: Buffer): Promise<PdfFound> {
  const document = await library.getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  const parts: string[] = [];
  let [left, pagesRead] = [mostCharacters ?? 0, 0];
  for (let number = 1; number <= Math.min(document.numPages, mostPages ?? 0) && left > 0; number += 1) {
    const part = `Page ${number}:\n${await pageText(document, number)}`.slice(0, left).toWellFormed();
    parts.push(part);
    left -= part.length;
    pagesRead = number;
  }
  return { type: 'text', text: parts.join('\n\n'), pages: document.numPages, pagesRead };
}

async function pageText(document: Awaited<ReturnType<typeof library.getDocumentProxy>>, number: number) {
  const page = await document.getPage(number);
  const { items } = await page.getTextContent();
  const text = items
    .map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : ''))
    .join('')
    .trim();
  page.cleanup();
  return text === '' ? '(no text, perhaps a picture)' : text;
}

/** https://mozilla.github.io/pdf.js: a document that wants a password throws a PasswordException. */
function whyNot(error: unknown): PdfFound {
  const isLocked = error instanceof Error && error.name === 'PasswordException';
  return { type: isLocked ? 'encrypted' : 'broken' };
}
