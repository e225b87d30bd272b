import { alignedTable } from '../../src/chat/aligned-table.ts';
import { type Chart, chartRows } from '../../src/chat/chart.ts';
import type { Json } from '../../src/chat/json.ts';
import { monospaced } from './card-parts.ts';
import { literal } from './safe-text.ts';
import { bytesOfCard, sizes } from './sizes.ts';
import { tableElement } from './tables.ts';

/**
 * A chart as Teams draws it; where a client draws none, the same numbers as a table.
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
 * Very long labels leave room for the table alone.
 */
export function chartElement(chart: Chart): Json {
  const rows = chartRows(chart);
  const fallback = tableElement(rows) ?? monospaced(alignedTable(rows));
  const element = { ...drawn(chart), title: literal(chart.title), fallback };
  return bytesOfCard(element) > sizes.card - 4000 ? fallback : element;
}

function drawn(chart: Chart): Json {
  if (chart.type === 'pie')
    return {
      type: 'Chart.Pie',
      data: chart.segments.map(({ label, value }) => ({ legend: literal(label), value })),
    };
  const axes = {
    ...(chart.x_label === undefined ? {} : { xAxisTitle: literal(chart.x_label) }),
    ...(chart.y_label === undefined ? {} : { yAxisTitle: literal(chart.y_label) }),
  };
  const [only, ...others] = chart.series;
  if (chart.type === 'bar' && only !== undefined && others.length === 0)
    return { type: 'Chart.VerticalBar', ...axes, data: points(only.data) };
  return {
    type: chart.type === 'bar' ? 'Chart.VerticalBar.Grouped' : 'Chart.Line',
    ...axes,
    data: chart.series.map(({ name, data }) => ({ legend: literal(name), values: points(data) })),
  };
}

function points(data: readonly { readonly label: string; readonly value: number }[]): readonly Json[] {
  return data.map(({ label, value }) => ({ x: literal(label), y: value }));
}
