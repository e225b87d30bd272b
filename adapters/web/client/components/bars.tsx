import { parsed, recordOf } from '../chart-json.ts';

/** A chart as bars: its first series, or the parts of a pie. */
export interface BarsProps {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly label: string; readonly value: number }[];
}

export function Bars({ title, unit, bars }: BarsProps) {
  const most = Math.max(...bars.map(({ value }) => value), 0);
  return (
    <figure className="chart">
      <figcaption className="bars-title">
        {title}
        {unit === '' ? '' : ` (${unit})`}
      </figcaption>
      <dl className="bars">
        {bars.map(({ label, value }) => (
          <div key={label} className="bar-row">
            <dt>{label}</dt>
            <dd aria-hidden="true">
              <div className="bar" style={{ width: `${most > 0 ? (100 * value) / most : 0}%` }} />
            </dd>
            <dd className="bar-value">{value.toLocaleString('en', { maximumFractionDigits: 4 })}</dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}

/** Undefined: it is no chart that bars can show. */
export function barsOf(code: string): BarsProps | undefined {
  const chart = parsed(code);
  if (typeof chart?.title !== 'string') return undefined;
  const series: unknown = Array.isArray(chart.series) ? chart.series[0] : undefined;
  const points = Array.isArray(chart.segments) ? chart.segments : recordOf(series)?.data;
  if (!Array.isArray(points)) return undefined;
  const bars = points.flatMap((point: unknown) => {
    const { label, value } = recordOf(point) ?? {};
    return typeof label === 'string' && typeof value === 'number' ? [{ label, value }] : [];
  });
  const unit = typeof chart.y_label === 'string' ? chart.y_label : '';
  return bars.length === points.length && bars.length > 0 ? { title: chart.title, unit, bars } : undefined;
}
