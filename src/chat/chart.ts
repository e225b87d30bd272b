import { z } from 'zod';
import { clipped } from './clipped.ts';

const label = z
  .string()
  .min(1)
  .transform((text) => clipped(text, 50));
const point = z.object({ label, value: z.number() });
const common = { title: label, x_label: label.optional(), y_label: label.optional() };
const chart = z.union([
  z.object({ ...common, type: z.literal('pie'), segments: z.array(point).min(1).max(12) }),
  z.object({
    ...common,
    type: z.enum(['bar', 'area', 'line']),
    series: z
      .array(z.object({ name: label, data: z.array(point).min(1).max(20) }))
      .min(1)
      .max(6),
  }),
]);

export type Chart = z.infer<typeof chart>;

/** A chart that an answer describes as JSON in a code block of the language `chart`. */
export function readChart(code: string): Chart | undefined {
  try {
    const read = chart.safeParse(JSON.parse(code));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** The same numbers as rows, for clients that draw no charts and for the notification. */
export function chartRows(wanted: Chart): readonly (readonly string[])[] {
  if (wanted.type === 'pie')
    return [['', 'value'], ...wanted.segments.map((entry) => [entry.label, String(entry.value)])];
  const categories = (wanted.series[0]?.data ?? []).map((entry) => entry.label);
  const head = ['', ...wanted.series.map((series) => series.name)];
  const rows = categories.map((name, n) => [
    name,
    ...wanted.series.map((series) => String(series.data[n]?.value ?? '')),
  ]);
  return [head, ...rows];
}
