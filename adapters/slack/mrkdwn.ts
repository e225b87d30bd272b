import { alignedTable } from '../../src/chat/aligned-table.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { fenced, piecesOf, segmentsOf } from '../../src/chat/segments.ts';
import { escaped, harmless } from './safe-text.ts';

/** One block of `mrkdwn`. */
export function section(text: string): readonly Json[] {
  return [{ type: 'section', text: { type: 'mrkdwn', text: clipped(text, 2900) } }];
}

/** Markdown where only `mrkdwn` is drawn: tables as code. */
export function prose(markdown: string): readonly Json[] {
  return segmentsOf(markdown).flatMap((segment) => {
    switch (segment.type) {
      case 'table':
        return piecesOf(alignedTable(segment.rows), 2700).flatMap((piece) =>
          section(harmless(fenced(piece))),
        );
      case 'code':
        return section(harmless(fenced(clipped(segment.code, 2700))));
      case 'prose':
        return piecesOf(toMrkdwn(segment.text), 2900).flatMap(section);
      default:
        return segment satisfies never;
    }
  });
}

/** Markdown's emphasis, headings and lists as `mrkdwn`; escaped. */
export function toMrkdwn(markdown: string): string {
  return escaped(markdown)
    .replace(/\*\*([^*\n]+)\*\*/g, '*$1*')
    .replace(/^#+ (.*)$/gm, '*$1*')
    .replace(/^[-*] /gm, '• ');
}
