import { clipped } from '../clipped.ts';
import { at, isRecord, records, textOf } from '../json.ts';
import { fenced } from '../segments.ts';
import { code, valueText } from './words.ts';

const [mostTools, mostRuns] = [40, 10];

/** What an action gave, in words: its message where it has one, its text or list where it is about that. */
export function outputText(output: unknown): string {
  if (!isRecord(output)) return valueText(output);
  if (typeof output.ok === 'boolean') return testText(output);
  if (Array.isArray(output.tools) && typeof output.count === 'number') return toolsText(output);
  if (Array.isArray(output.layers)) return layersText(records(output.layers));
  if (Array.isArray(output.runs)) return runsText(records(output.runs));
  if (isRecord(output.config_schema)) return optionsText(output.config_schema);
  if (isLink(output))
    return `[Sign in here](${String(output.url)}), before ${valueText(output.expires_at)}. The link is yours alone and works once.`;
  if (typeof output.message === 'string') return messageText(output);
  if (typeof output.text === 'string') return fenced(clipped(output.text, 6000));
  return fenced(clipped(JSON.stringify(output, null, 2), 6000), 'json');
}

/** Whether what was asked for did not work. */
export function isFailure(output: unknown): boolean {
  return at(output, 'ok') === false || at(output, 'success') === false;
}

/** A private link, for who asked alone. */
export function isLink(output: unknown): boolean {
  return typeof at(output, 'url') === 'string' && typeof at(output, 'expires_at') === 'string';
}

function testText({ ok, latency_ms, tokens, text, kind, detail }: Readonly<Record<string, unknown>>): string {
  const took = `${String(latency_ms)} ms`;
  if (ok !== true) return `❌ ${String(detail)} (${String(kind)}, after ${took})`;
  const used = `${String(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`;
  return `✅ It answered ${code(String(text))} in ${took}, with ${used}.`;
}

function messageText(output: Readonly<Record<string, unknown>>): string {
  const mark = output.success === false ? '❌ ' : '✅ ';
  const took = typeof output.latency_ms === 'number' ? ` It took ${output.latency_ms} ms.` : '';
  const status = textOf(output.status) === '' ? '' : ` It is **${textOf(output.status)}**.`;
  const details = textOf(output.details);
  const more = details === '' || details === output.message ? '' : ` ${details}`;
  return `${mark}${String(output.message)}${more}${status}${took}`;
}

function toolsText(output: Readonly<Record<string, unknown>>): string {
  const tools = records(output.tools);
  if (tools.length === 0) return 'It has no tools.';
  const rows = tools.slice(0, mostTools).map((tool) => {
    const first = clipped(textOf(tool.description).split('\n')[0] ?? '', 100).replaceAll('|', '\\|');
    const asks = tool.asks === true ? 'asks first' : 'runs at once';
    return `| ${code(textOf(tool.name))} | ${textOf(tool.effect)} | ${asks} | ${textOf(tool.state)} | ${first} |`;
  });
  const left = tools.length - mostTools;
  const more = left > 0 ? [`\n${left} more ${left === 1 ? 'is' : 'are'} not shown.`] : [];
  const waiting = Number(at(output, 'waiting') ?? 0);
  const waits = waiting === 0 ? [] : [`\n${waiting} ${waiting === 1 ? 'waits' : 'wait'} to be accepted.`];
  return [
    '| tool | effect | | state | what it does |',
    '|---|---|---|---|---|',
    ...rows,
    ...more,
    ...waits,
  ].join('\n');
}

/** The newest first. */
function runsText(runs: readonly Readonly<Record<string, unknown>>[]): string {
  if (runs.length === 0) return 'It has not run yet.';
  const rows = runs.slice(0, mostRuns).map((run) => {
    const { due, outcome, trigger, duration_ms: ms, cost_usd: usd } = run;
    const why = trigger === 'manual' ? ', by hand' : trigger === 'missed' ? ', late' : '';
    const took = typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '';
    const cost = typeof usd === 'number' ? `$${usd.toFixed(4)}` : '';
    const summary = clipped(textOf(run.summary).replaceAll(/\s+/g, ' '), 200).replaceAll('|', '\\|');
    return `| ${valueText(due)}${why} | ${textOf(outcome)} | ${took} | ${cost} | ${summary} |`;
  });
  const more = runs.length - mostRuns;
  return [
    '| due | outcome | took | cost | what came of it |',
    '|---|---|---|---|---|',
    ...rows,
    ...(more > 0 ? [`\n${more} older ${more === 1 ? 'one is' : 'ones are'} not shown.`] : []),
  ].join('\n');
}

/** The options of a middleware's config, as they are written after `config.`. */
function optionsText(schema: Readonly<Record<string, unknown>>): string {
  const options = Object.entries(isRecord(schema.properties) ? schema.properties : {});
  if (options.length === 0) return 'It has no options that are known.';
  const rows = options.map(([name, option]) => {
    const initial = at(option, 'default');
    const words = textOf(at(option, 'description')).replaceAll('|', '\\|');
    return `| ${code(name)} | ${initial === undefined ? '' : code(clipped(JSON.stringify(initial), 100))} | ${words} |`;
  });
  return ['| option | default | what it does |', '|---|---|---|', ...rows].join('\n');
}

/** Outermost first. */
function layersText(layers: readonly Readonly<Record<string, unknown>>[]): string {
  if (layers.length === 0) return 'No layer of middleware lies around it.';
  const rows = layers.map((layer) => {
    const stands = layer.is_active === false ? 'off' : textOf(layer.origin);
    const config = clipped(JSON.stringify(layer.config ?? {}), 150).replaceAll('|', '\\|');
    return `| ${String(layer.priority)} | ${textOf(layer.middleware)} | ${stands} | ${code(config)} |`;
  });
  const problems = layers.flatMap(({ middleware, problem = '' }) =>
    problem === '' ? [] : [`⚠️ ${textOf(middleware)}: ${textOf(problem)}`],
  );
  return ['| priority | layer | origin | config |', '|---|---|---|---|', ...rows]
    .concat(problems.length === 0 ? [] : ['', ...problems])
    .join('\n');
}
