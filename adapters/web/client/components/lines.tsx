import { parsed, recordOf } from '../chart-json.ts';

/** A chart of one or several series over the same labels. */
export interface LinesProps {
  readonly title: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const WIDTH = 600;
const HEIGHT = 160;
const EDGE = 6;

/** Drawn as lines; the numbers stand in a table for who cannot see them, or wants them exactly. */
export function Lines({ title, unit, labels, series }: LinesProps) {
  const all = series.flatMap(({ values }) => values);
  const [least, most] = [Math.min(0, ...all), Math.max(...all)];
  const zero = yOf(0, { least, most });
  const head = `${title}${unit === '' ? '' : ` (${unit})`}`;
  const points = (values: readonly number[]) =>
    values.map((value, at) => `${xOf(at, values.length)},${yOf(value, { least, most })}`).join(' ');
  return (
    <figure className="chart">
      <figcaption className="bars-title">{head}</figcaption>
      <svg className="lines" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Line chart: ${head}`}>
        <line className="lines-base" x1={0} x2={WIDTH} y1={zero} y2={zero} />
        {series.map(({ name, values }, n) => (
          <polyline key={name} className={`line line-${n}`} points={points(values)} />
        ))}
      </svg>
      <p className="lines-ends" aria-hidden="true">
        <span>{labels[0]}</span>
        <span>{labels.length > 1 ? labels.at(-1) : ''}</span>
      </p>
      <details className="lines-numbers">
        <summary>
          {series.map(({ name, values }, n) => (
            <span key={name} className={`lines-name line-${n}`}>
              {name} {shown(values.at(-1) ?? 0)}
            </span>
          ))}
        </summary>
        <table>
          <thead>
            <tr>
              <td />
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, at) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {series.map(({ name, values }) => (
                  <td key={name}>{shown(values[at] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function xOf(at: number, count: number): number {
  return count < 2 ? WIDTH / 2 : EDGE + (at * (WIDTH - 2 * EDGE)) / (count - 1);
}

function yOf(value: number, { least, most }: { readonly least: number; readonly most: number }): number {
  const share = most > least ? (value - least) / (most - least) : 0;
  return HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE);
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 4 });
}

/** Undefined: it is no chart, or bars show all of it. */
export function linesOf(code: string): LinesProps | undefined {
  const chart = parsed(code);
  if (typeof chart?.title !== 'string' || !Array.isArray(chart.series)) return undefined;
  const series = chart.series.flatMap((one: unknown) => seriesOf(one));
  if (series.length !== chart.series.length || (chart.type !== 'line' && series.length < 2)) return undefined;
  const labels = series[0]?.labels ?? [];
  const isWhole = labels.length > 0 && series.every(({ values }) => values.length === labels.length);
  const unit = typeof chart.y_label === 'string' ? chart.y_label : '';
  return isWhole ? { title: chart.title, unit, labels, series } : undefined;
}

function seriesOf(value: unknown) {
  const { name, data } = recordOf(value) ?? {};
  if (typeof name !== 'string' || !Array.isArray(data)) return [];
  const points = data.flatMap((point: unknown) => {
    const read = recordOf(point) ?? {};
    return typeof read.label === 'string' && typeof read.value === 'number'
      ? [{ label: read.label, value: read.value }]
      : [];
  });
  if (points.length !== data.length) return [];
  return [{ name, labels: points.map(({ label }) => label), values: points.map((point) => point.value) }];
}
