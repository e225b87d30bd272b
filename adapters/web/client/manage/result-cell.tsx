import { decodeThreadId, publicId } from '../../thread-id.ts';
import { Link } from '../components/link.tsx';
import { threadAddress } from '../use-selected-thread.ts';
import { useManage } from './context.tsx';
import { isOutcome, Outcome } from './outcome.tsx';
import { factValue, headOf, isRecord, isTable, labelOf } from './result.ts';
import { Shown } from './shown.tsx';
import { countWords } from './units.ts';

export interface ResultCellProps {
  /** As the API calls it. */
  readonly name: string;
  readonly value: unknown;
}

/** A value of an answer, drawn by how the API calls it: outcomes with their sign, threads to be opened, units in words. */
export function ResultCell({ name, value }: ResultCellProps) {
  if (isTable(value) && value.length > 0) return <Inner name={name} values={value} />;
  if (typeof value !== 'string' || value === '') return <Shown value={factValue(name, value)} />;
  if (name === 'thread_id') return <Thread id={value} />;
  if (isOutcome(name)) return <Outcome word={value} />;
  const text = withoutStars(value);
  if (text.length > LONG) return <span className="clamped">{text}</span>;
  return <Shown value={text} />;
}

const LONG = 160;

/** Within a cell no word is bold. */
function withoutStars(text: string): string {
  return text.replaceAll(/\*\*(.+?)\*\*/g, '$1');
}

const PLATFORMS: Readonly<Record<string, string>> = { slack: 'In Slack', teams: 'In Teams' };

/** A thread of this console can be opened here, if it is one's own or everybody's. */
function Thread({ id }: { readonly id: string }) {
  const { me } = useManage();
  const thread = decodeThreadId(id);
  if (thread === undefined) return PLATFORMS[id.split(':')[0] ?? ''] ?? 'In a chat';
  const name = publicId(thread);
  if (name === thread.id && thread.principal !== me.principal) return 'In this console';
  return (
    <Link to={threadAddress(name)} className="text-link" label="Open the thread">
      Open
    </Link>
  );
}

interface InnerProps {
  readonly name: string;
  readonly values: readonly Readonly<Record<string, unknown>>[];
}

/** A list within a cell: how many, and each of them on demand. */
function Inner({ name, values }: InnerProps) {
  return (
    <details className="inner-list">
      <summary>{countWords(values.length, labelOf(name).toLowerCase())}</summary>
      <ol>
        {values.map((value, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no name, and stay in their order
          <li key={at}>
            {Object.entries(value).map(([part, one]) => (
              <p key={part}>
                <span className="inner-name">{headOf(part)}:</span> {partWords(part, one)}
              </p>
            ))}
          </li>
        ))}
      </ol>
    </details>
  );
}

function partWords(name: string, value: unknown): string {
  if (isTable(value)) return countWords(value.length, labelOf(name).toLowerCase());
  if (isRecord(value)) return JSON.stringify(value);
  return value === null || value === undefined || value === ''
    ? '–'
    : withoutStars(String(factValue(name, value)));
}
