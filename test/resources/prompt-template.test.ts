import { describe, expect, it } from 'vitest';
import {
  type PromptFormat,
  type PromptValues,
  promptVariables,
  renderPrompt,
  templateProblems,
  unknownVariables,
} from '../../src/resources/prompt-template.ts';

const values: PromptValues = {
  now: Date.parse('2026-01-14T12:00:00Z'),
  timezone: 'UTC',
  modelName: 'gpt-6.1-sol',
  tools: ['ops__restart', 'host__memory'],
};

function render(text: string, more: Partial<PromptValues> = {}, format: PromptFormat = 'braces'): string {
  return renderPrompt({ text, format }, { ...values, ...more });
}

const problems = (text: string, format: PromptFormat = 'braces') => templateProblems({ text, format });

describe('the variables of a prompt', () => {
  it.each([
    ['{current_date}', 'January 14, 2026'],
    ['{current_month}', 'January'],
    ['{current_year}', '2026'],
    ['{current_datetime}', 'Wednesday, January 14, 2026, time zone UTC'],
    ['{timezone}', 'UTC'],
    ['{date_format}', 'MMMM D, YYYY'],
    ['{model_name}', 'gpt-6.1-sol'],
    ['{tools}', '- host__memory\n- ops__restart'],
  ])('%s is “%s”', (variable, value) => {
    expect(render(variable)).toBe(value);
  });

  it('take the date of the time zone', () => {
    const newYear = { now: Date.parse('2026-12-31T23:30:00Z') };
    expect(render('{current_date}', { ...newYear, timezone: 'America/New_York' })).toBe('December 31, 2026');
    const kiritimati = { ...newYear, timezone: 'Pacific/Kiritimati' };
    expect(render('{current_date}, {current_month} {current_year} ({timezone})', kiritimati)).toBe(
      'January 1, 2027, January 2027 (Pacific/Kiritimati)',
    );
  });

  it('stay the same all day, so that caches of the prompt hit', () => {
    const all = Object.keys(promptVariables)
      .map((name) => `{${name}}`)
      .join('\n');
    const at = (time: string) => render(all, { now: Date.parse(time), timezone: 'Europe/Berlin' });
    // Summer time begins on this day.
    expect(at('2026-03-29T21:59:59Z')).toBe(at('2026-03-28T23:00:00Z'));
    expect(at('2026-03-29T22:00:00Z')).not.toBe(at('2026-03-29T21:59:59Z'));
  });

  it('list tools in the same order, whatever order they come in, and say when there are none', () => {
    expect(render('{tools}', { tools: values.tools.toReversed() })).toBe(render('{tools}'));
    expect(render('{tools}', { tools: [] })).toBe('(none)');
  });

  it('are not looked for in values', () => {
    expect(render('{model_name}', { modelName: '{tools} {{x}} $& $1' })).toBe('{tools} {{x}} $& $1');
  });
});

describe('braces in a prompt', () => {
  it.each([
    ['JSON', '{"a": {"b": [1, {"c": 2}]}}'],
    ['nested JSON in one line', '{"a":{"b":{"c":1}}}'],
    ['code', 'if (x) { return { y }; }'],
    ['positions and empty braces', '{0} {} { } {a.b} {a b}'],
    ['names in capitals and with dashes', '{HOME} {Current_date} {current-date}'],
    ['lone braces', 'a { b } c'],
  ])('that are %s stay as they are, and nothing is wrong with them', (_what, text) => {
    expect(render(text)).toBe(text);
    expect(problems(text)).toEqual([]);
  });

  it('that are doubled are literal ones', () => {
    expect(render('{{current_date}}')).toBe('{current_date}');
    expect(render('{{"a": {{"b": 1}}}}')).toBe('{"a": {"b": 1}}');
    expect(render('{{{current_year}}}')).toBe('{2026}');
    expect(problems('{{curent_date}}')).toEqual([]);
  });

  it('of JSON around a variable stay balanced', () => {
    expect(render('{"a":{"year":{current_year}}}')).toBe('{"a":{"year":2026}}');
  });
});

describe('an unknown variable', () => {
  it('is left as it is, while the others are replaced', () => {
    expect(render('{curent_date} {current_year} {toString}')).toBe('{curent_date} 2026 {toString}');
    expect(render('{constructor}')).toBe('{constructor}');
  });

  it('is found once, however often it is named', () => {
    const text = '{b} {a} {b} {tools} {{c}}';
    expect(unknownVariables({ text, format: 'braces' })).toEqual(['b', 'a']);
  });

  it('is explained with what was probably meant and how to write it literally', () => {
    expect(problems('Today is {curent_date}.')).toEqual([
      'There is no variable {curent_date}. Did you mean {current_date}? For literal text write {{curent_date}}.',
    ]);
  });

  it('that resembles nothing is explained with the list of those there are', () => {
    expect(problems('{namespace}')).toEqual([
      'There is no variable {namespace}. There are {current_date}, {current_month}, {current_year}, {current_datetime}, {timezone}, {date_format}, {model_name}, {tools}. For literal text write {{namespace}}.',
    ]);
  });

  it('among thousands is one of the ten that are reported', () => {
    const text = Array.from({ length: 5000 }, (_, n) => `{unknown_${n}}`).join(' ');
    expect(problems(text)).toHaveLength(10);
  });
});

describe('a .j2 prompt', () => {
  it('has its variables in double braces, and single ones are text', () => {
    expect(render('{{ current_year }} {{model_name}} {tools} {"a":{"b":1}}', {}, 'jinja')).toBe(
      '2026 gpt-6.1-sol {tools} {"a":{"b":1}}',
    );
  });

  it('may use variables and nothing else of Jinja', () => {
    expect(problems('{{ current_date }}\n{ x } {0} 50%', 'jinja')).toEqual([]);
    const text = '{{ tols }}\n{% if tools %}\n{# note #}\n{{ tools | join }}';
    const only = 'begins something that is not supported. Use only variables, like {{ current_date }}.';
    expect(problems(text, 'jinja')).toEqual([
      'There is no variable {{ tols }}. Did you mean {{ tools }}? For literal braces use a .md file.',
      `Line 2: {% ${only}`,
      `Line 3: {# ${only}`,
      `Line 4: {{ ${only}`,
    ]);
  });

  it('with what is not supported is rendered all the same, and that is left as it is', () => {
    const text = '{% if x %}{{ current_year }}{% endif %} {{ x | y }} {{ nobody }}';
    expect(render(text, {}, 'jinja')).toBe('{% if x %}2026{% endif %} {{ x | y }} {{ nobody }}');
  });
});
