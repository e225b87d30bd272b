import { deflateSync } from 'node:zlib';

/** Small real files of the kinds that people attach. */

/** A PNG of one pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A GIF of one pixel. */
export const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** A PDF with one line on each page. */
export function pdf(...lines: readonly string[]): Buffer {
  return assemble(lines, '');
}

/** A PDF whose one page is so many spaces, packed. */
export function pdfBomb(bytes: number): Buffer {
  const packed = deflateSync(Buffer.alloc(bytes, ' '), { level: 9 }).toString('latin1');
  return pack([`<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed}\nendstream`], '');
}

/** The same behind a password that nobody has. */
export function lockedPdf(line: string): Buffer {
  const key = '<'.concat('5a'.repeat(32), '>');
  return assemble([line], ` /Encrypt << /Filter /Standard /V 1 /R 2 /O ${key} /U ${key} /P -44 >>`);
}

function assemble(lines: readonly string[], trailer: string): Buffer {
  const contents = lines.map((line) => {
    const content = `BT /F1 24 Tf 72 700 Td (${line.replaceAll(/[()\\]/g, '\\$&')}) Tj ET`;
    return `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
  });
  return pack(contents, trailer);
}

/** A PDF with one page for each of these streams. */
function pack(contents: readonly string[], trailer: string): Buffer {
  const kids = contents.map((_content, at) => `${4 + at * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...contents.flatMap((content, at) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + at * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      content,
    ]),
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = body.length;
    body += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const id = '[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]';
  const end = `trailer\n<< /Size ${size} /Root 1 0 R /ID ${id}${trailer} >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(`${body}xref\n0 ${size}\n0000000000 65535 f \n${rows}${end}`, 'latin1');
}
