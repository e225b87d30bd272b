import type { Chart } from '../../src/chat/chart.ts';
import type { Json } from '../../src/chat/json.ts';
import { harmless } from './safe-text.ts';

/** https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block */
export function chartBlock(wanted: Chart): Json {
  const title = harmless(wanted.title);
  if (wanted.type === 'pie')
    return {
      type: 'data_visualization',
      title,
      chart: { type: 'pie', segments: wanted.segments.map(harmlessPoint) },
    };
  const { x_label, y_label } = wanted;
  const axis = {
    categories: (wanted.series[0]?.data ?? []).map((entry) => harmless(entry.label)),
    ...(x_label === undefined ? {} : { x_label: harmless(x_label) }),
    ...(y_label === undefined ? {} : { y_label: harmless(y_label) }),
  };
  const series = wanted.series.map(({ name, data }) => ({
    name: harmless(name),
    data: data.map(harmlessPoint),
  }));
  return { type: 'data_visualization', title, chart: { type: wanted.type, series, axis_config: axis } };
}

function harmlessPoint({ label, value }: { readonly label: string; readonly value: number }): Json {
  return { label: harmless(label), value };
}
