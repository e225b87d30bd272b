import type { Board, DeskRow } from '../desk.ts';
import type { AdminAnswer, AnswerRow, Button } from './answer.ts';
import { rowButtons } from './row-buttons.ts';
import { valueText, withinSentence } from './words.ts';

/** A page of things, with what can be done with each. */
export function boardAnswer(
  board: Board,
  { pageRows, search }: { readonly pageRows: number; readonly search: string },
): AdminAnswer {
  const { kind, rows, total, offset } = board;
  const page = Math.floor(offset / pageRows) + 1;
  const pages = Math.max(1, Math.ceil(total / pageRows));
  const turn = (to: number, label: string): readonly Button[] =>
    to < 1 || to > pages
      ? []
      : [{ label, line: `${kind.word} list ${search} page=${to}`.replace('  ', ' ') }];
  const add: readonly Button[] = kind.allowed.has('add')
    ? [{ label: `Add ${kind.one}`, line: `${kind.word} add` }]
    : [];
  return {
    type: 'list',
    title: kind.many,
    rows: rows.map((row) => answerRow(board, row)),
    note: noteOf({ total, page, pages, search, one: kind.one, many: withinSentence(kind.many) }),
    buttons: [...turn(page - 1, 'Back'), ...turn(page + 1, 'More'), ...add],
    isPublic: false,
  };
}

function answerRow({ kind }: Board, row: DeskRow): AnswerRow {
  const facts = row.facts
    .filter(({ value }) => valueText(value) !== '—')
    .map(({ label, value }) => ({ label, text: valueText(value) }));
  const show = { label: 'Show', line: `${kind.word} show ${row.id}` };
  return { icon: row.icon, title: row.title, facts, buttons: [show, ...rowButtons(kind, row)] };
}

function noteOf({
  total,
  page,
  pages,
  search,
  one,
  many,
}: {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly search: string;
  readonly one: string;
  readonly many: string;
}): string {
  const found = search === '' ? '' : ` for ${search}`;
  if (total === 0) return search === '' ? noneOf({ one, many }) : `Nothing was found${found}.`;
  return `${total} ${total === 1 ? one : many}${found}${pages > 1 ? `, page ${page} of ${pages}` : ''}`;
}

/** Some things have no plural. */
export function noneOf({ one, many }: { readonly one: string; readonly many: string }): string {
  return one === many ? `There is no ${many} yet.` : `There are no ${many} yet.`;
}
