import { columns, rows } from '../test/providers/provider-table.ts';

/** The table scenario × vendor, made of what the provider suite declares; what cannot be done has a note. */
export function providerTable(): string {
  const notes: string[] = [];
  const lines = rows.map(({ name, lacks }) => {
    const cells = columns.map(([_head, subject]) => {
      const reason = lacks?.(subject);
      return reason === undefined ? '✓' : mark(notes, reason);
    });
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  const head = `| scenario | ${columns.map(([title]) => title).join(' | ')} |`;
  const rule = `|---|${columns.map(() => ':-:|').join('')}`;
  const footnotes = notes.map((reason, index) => `${superscript(index + 1)} ${reason}`).join(' ');
  return [head, rule, ...lines, '', footnotes].join('\n');
}

function mark(notes: string[], reason: string): string {
  if (!notes.includes(reason)) notes.push(reason);
  return `– ${superscript(notes.indexOf(reason) + 1)}`;
}

function superscript(number: number): string {
  return `<sup>${number}</sup>`;
}

/** The README with that table brought up to date. */
export function withProviderTable(readme: string): string {
  return readme.replace(
    /(<!-- providers -->\n)[\s\S]*?(<!-- \/providers -->)/,
    (_all, begin: string, end: string) => `${begin}${providerTable()}\n${end}`,
  );
}
