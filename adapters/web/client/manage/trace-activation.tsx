import { useId } from 'react';
import { ChevronIcon, WarningIcon } from '../components/icons.tsx';
import { Time } from './time.tsx';
import {
  type CallRow,
  type Entered,
  spelledMs,
  type TracedActivation,
  type TracedCall,
  waterfallOf,
} from './trace.ts';

export interface TraceActivationProps {
  readonly title: string;
  readonly activation: TracedActivation;
}

/** One activation of a turn as bars on one axis of time; each call opens to show the layers around it. */
export function TraceActivation({ title, activation }: TraceActivationProps) {
  const heading = useId();
  const { began_at, duration_ms, layers, skipped, more } = activation;
  const { totalMs, turn, calls, rest } = waterfallOf(activation);
  const priorities = new Map(layers.map(({ type, priority }) => [type, priority]));
  const shared = { totalMs, priorities };
  return (
    <section className="trace" aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      <p className="trace-about">
        {began_at !== null && <Time iso={began_at} />}
        {duration_ms !== null && <span>{spelledMs(duration_ms)}</span>}
        <span>{tokensOf(activation.calls)}</span>
      </p>
      {skipped.length > 0 && (
        <ul className="trace-skipped">
          {skipped.map(({ type, reason }) => (
            <li key={type}>
              <WarningIcon />
              <span>
                <strong>{type}</strong> was left out: {reason}
              </span>
            </li>
          ))}
        </ul>
      )}
      <div className="trace-rows">
        <Layers title="Around the turn" entered={turn} {...shared} isOfTurn />
        {calls.map((row) => (
          <Call key={`${row.call.at_ms} ${row.call.name}`} row={row} {...shared} />
        ))}
        {rest.length > 0 && <Layers title="Around its calls" entered={rest} {...shared} />}
      </div>
      {more > 0 && <p className="nothing">And {more} more layers that were entered.</p>}
    </section>
  );
}

interface Shared {
  readonly totalMs: number;
  readonly priorities: ReadonlyMap<string, number>;
}

function Call({ row: { call, layers }, ...shared }: Shared & { readonly row: CallRow }) {
  const kind = call.around === 'model call' ? 'model' : 'tool';
  return (
    <details
      className={call.error === undefined ? `trace-call of-${kind}` : `trace-call of-${kind} bad`}
      open
    >
      <summary className="trace-row">
        <span className="trace-name">
          <ChevronIcon />
          <span className="trace-kind">{kind}</span>
          <span className="clip" title={call.name}>
            {call.name === '' ? 'the bot itself' : call.name}
            {call.asked_by !== undefined && `, asked by ${shortName(call.asked_by)}`}
          </span>
        </span>
        <Bar totalMs={shared.totalMs} fromMs={call.at_ms} ms={call.duration_ms} />
        <span className="trace-note">{callNote(call)}</span>
      </summary>
      {layers.length > 0 && <LayerList entered={layers} {...shared} />}
      {layers.length === 0 && call.asked_by === undefined && (
        <p className="nothing trace-none">No layer lay around it.</p>
      )}
    </details>
  );
}

function callNote({ duration_ms, error, input_tokens = 0, output_tokens = 0 }: TracedCall): string {
  const tokens = input_tokens + output_tokens > 0 ? `${input_tokens} in, ${output_tokens} out` : '';
  return [spelledMs(duration_ms), tokens, error ?? ''].filter((part) => part !== '').join(' · ');
}

interface LayersProps extends Shared {
  readonly entered: readonly Entered[];
  /** They lie around everything that follows. */
  readonly isOfTurn?: boolean;
}

function Layers({ title, ...list }: LayersProps & { readonly title: string }) {
  if (list.entered.length === 0) return null;
  return (
    <div className="trace-group">
      <h3>{title}</h3>
      <LayerList {...list} />
    </div>
  );
}

function LayerList({ entered, totalMs, priorities, isOfTurn = false }: LayersProps) {
  return (
    <ol className="trace-layers">
      {entered.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
        <li key={at} className={one.failed ? 'trace-row bad' : 'trace-row'}>
          <span className="trace-name">
            <span className="trace-priority">{priorities.get(one.layer ?? '')}</span>
            <span className="clip" title={one.layer}>
              {shortName(one.layer ?? '?')}
            </span>
          </span>
          <Bar
            totalMs={totalMs}
            fromMs={one.at_ms}
            ms={isOfTurn && one.calls > 0 ? totalMs - one.at_ms : (one.in_ms ?? 0)}
            isHollow={isOfTurn && one.calls > 0}
          />
          <span className="trace-note">{layerNote(one)}</span>
        </li>
      ))}
    </ol>
  );
}

function shortName(layer: string): string {
  return layer.replace(/Middleware$/, '');
}

const endWords: Readonly<Record<NonNullable<Entered['end']>, string>> = {
  answered: 'answered itself',
  ended_turn: 'ended the turn',
  failed: 'ended with an error',
};

function layerNote({ in_ms, out_ms, calls, end }: Entered): string {
  return [
    in_ms === null ? '' : `${spelledMs(in_ms)} in`,
    out_ms === null ? '' : `${spelledMs(out_ms)} out`,
    calls > 1 ? `${calls} times` : '',
    end === null ? '' : endWords[end],
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

interface BarProps {
  readonly totalMs: number;
  readonly fromMs: number;
  readonly ms: number;
  readonly isHollow?: boolean;
}

/** The words beside it say the same. */
function Bar({ totalMs, fromMs, ms, isHollow = false }: BarProps) {
  const left = Math.min(100, (100 * fromMs) / totalMs);
  const width = Math.min(100 - left, (100 * ms) / totalMs);
  return (
    <span className="trace-track" aria-hidden="true">
      <span
        className={isHollow ? 'trace-bar hollow' : 'trace-bar'}
        style={{ left: `${left}%`, width: `max(2px, ${width}%)` }}
      />
    </span>
  );
}

function tokensOf(calls: readonly TracedCall[]): string {
  const sum = (of: (call: TracedCall) => number) => calls.reduce((all, call) => all + of(call), 0);
  const input = sum(({ input_tokens = 0 }) => input_tokens);
  const output = sum(({ output_tokens = 0 }) => output_tokens);
  const counts = [
    counted(calls.filter(({ around }) => around === 'model call').length, 'model call'),
    counted(calls.filter(({ around }) => around === 'tool call').length, 'tool call'),
    input + output === 0 ? '' : `${input.toLocaleString('en')} tokens in, ${output.toLocaleString('en')} out`,
  ];
  return counts.filter((part) => part !== '').join(' · ');
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}
