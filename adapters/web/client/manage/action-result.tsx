import { CodeBlock } from '../components/code-block.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { CheckIcon, CrossIcon, SpinnerIcon } from '../components/icons.tsx';
import { Alert } from './alert.tsx';
import { Facts } from './facts.tsx';
import { headOf, labelOf, readResult } from './result.ts';
import { ResultCell } from './result-cell.tsx';
import type { ToolEditing } from './tool-decisions.tsx';
import { readTools } from './tool-list.ts';
import { ToolsTable } from './tools-table.tsx';
import { countWords } from './units.ts';
import type { Outcome } from './use-action.ts';
import type { Pinning } from './use-pinning.ts';

export interface ActionResultProps {
  readonly outcome: Outcome | undefined;
  /** What is decided about tools, where the answer lists such. */
  readonly editing: ToolEditing;
  readonly pinning: Pinning;
}

/** What came of an action: whether it is well, in words; then lists as tables, texts and settings as they are. */
export function ActionResult({ outcome, editing, pinning }: ActionResultProps) {
  if (outcome === undefined || outcome.state === 'running') {
    return (
      <p className="result-head" role="status">
        <SpinnerIcon /> Working …
      </p>
    );
  }
  if (outcome.state === 'refused') return <Alert>{outcome.sentence}</Alert>;
  const listing = readTools(outcome.result);
  return listing ? <ToolsTable {...{ listing, editing, pinning }} /> : <Result result={outcome.result} />;
}

function Result({ result }: { readonly result: unknown }) {
  const { isWell, sentence, latencyMs, link, facts, texts, tables, structures } = readResult(result);
  return (
    <div className="result">
      {isWell !== undefined && (
        <p className={isWell ? 'result-head good' : 'result-head bad'} role={isWell ? 'status' : 'alert'}>
          {isWell ? <CheckIcon /> : <CrossIcon />}
          <span>{sentence ?? (isWell ? 'It works.' : 'It does not work.')}</span>
          {latencyMs !== undefined && <span className="latency">{latencyMs} ms</span>}
        </p>
      )}
      {link !== undefined && <ResultLink url={link} />}
      {facts.length > 0 && <Facts facts={facts} />}
      {texts.map(({ name, text }) => (
        <pre key={name} className="result-text">
          {text}
        </pre>
      ))}
      {tables.map(({ name, columns, rows }) => (
        <ResultTable key={name} name={name} columns={columns} rows={rows} />
      ))}
      {structures.map(({ name, value }) => (
        <CodeBlock key={name} language={labelOf(name)} code={JSON.stringify(value, null, 2)} />
      ))}
    </div>
  );
}

function ResultLink({ url }: { readonly url: string }) {
  return (
    <>
      <div className="row">
        <a className="button primary" href={url} target="_blank" rel="noopener noreferrer">
          Open the link
        </a>
        <CopyButton text={url} label="Copy the link" />
      </div>
      <p className="small-print result-link">{url}</p>
    </>
  );
}

interface ResultTableProps {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: Readonly<Record<string, unknown>> }[];
}

function ResultTable({ name, columns, rows }: ResultTableProps) {
  if (rows.length === 0) return <p className="nothing">No {labelOf(name).toLowerCase()} yet.</p>;
  return (
    <>
      <p className="result-count">{countWords(rows.length, labelOf(name).toLowerCase())}</p>
      <ResultRows {...{ name, columns, rows }} />
    </>
  );
}

function ResultRows({ name, columns, rows }: ResultTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls must be reachable by keyboard
    <section className="list-frame" aria-label={labelOf(name)} tabIndex={0}>
      <table className="list plain">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {headOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {columns.map((column) => (
                <td key={column} className={shapeOf(column, cells[column])} data-label={headOf(column)}>
                  <ResultCell name={column} value={cells[column]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What is long needs room, lest it become a tall column of single words; threads are drawn by two or three. */
function shapeOf(name: string, value: unknown): 'wordy' | 'short' {
  return typeof value === 'string' && value.length > 40 && name !== 'thread_id' ? 'wordy' : 'short';
}
