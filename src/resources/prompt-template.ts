import { nearest } from '../chat/nearest.ts';

/** How a prompt writes its variables: `{name}` in rows and `.md` files, `{{ name }}` in `.j2` files. */
export type PromptFormat = 'braces' | 'jinja';

/** A prompt as an admin wrote it. */
export interface PromptText {
  readonly text: string;
  readonly format: PromptFormat;
}

/** What variables stand for depends on these alone. */
export interface PromptValues {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** IANA, like `Europe/Berlin`. */
  readonly timezone: string;
  readonly modelName: string;
  /** The names of the tools that the model is offered, in any order. */
  readonly tools: readonly string[];
}

/**
 * What a prompt may name. No value changes within a day while the configuration and the tools stay as
 * they are, so that vendors' caches of the prompt hit; hence no clock time. Tools are given by name
 * only: what servers write about them is not the admin's word and stays in the tools' definitions.
 */
export const promptVariables = {
  current_date: (values) => inZone(values, { year: 'numeric', month: 'long', day: 'numeric' }),
  current_month: (values) => inZone(values, { month: 'long' }),
  current_year: (values) => inZone(values, { year: 'numeric' }),
  current_datetime: (values) => `${inZone(values, wholeDate)}, time zone ${values.timezone}`,
  timezone: ({ timezone }) => timezone,
  date_format: () => 'MMMM D, YYYY',
  model_name: ({ modelName }) => modelName,
  tools: ({ tools }) => listOf(tools),
} as const satisfies Readonly<Record<string, (values: PromptValues) => string>>;

/**
 * Puts values in the place of known variables, once: what a value says is never looked into again.
 * Unknown variables stay as they are. With `braces`, `{{` is a brace, `}}` is one where it closes a
 * `{{`, and every other brace (JSON, code, `{0}`) is text. Never throws.
 */
export function renderPrompt(prompt: PromptText, values: PromptValues): string {
  const pieces = piecesOf(prompt).map((piece) =>
    piece.type === 'variable' ? (render(piece.name, values) ?? piece.source) : piece.text,
  );
  return pieces.join('');
}

/** The unknown variables that a prompt names, each once, in the order of the text. */
export function unknownVariables(prompt: PromptText): readonly string[] {
  const names = piecesOf(prompt).flatMap((piece) => (piece.type === 'variable' ? [piece.name] : []));
  return [...new Set(names)].filter((name) => !isKnown(name));
}

/** What is wrong with a prompt, as sentences that say what to do; the first few of each kind. */
export function templateProblems(prompt: PromptText): readonly string[] {
  const unknown = unknownVariables(prompt).slice(0, fewProblems);
  const sentences = unknown.map((name) => unknownSentence(name, prompt.format));
  return prompt.format === 'jinja' ? [...sentences, ...unsupported(prompt.text)] : sentences;
}

const fewProblems = 10;

type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'variable'; readonly name: string; readonly source: string };

function piecesOf({ text, format }: PromptText): readonly Piece[] {
  return format === 'jinja'
    ? pieces(text, jinjaVariable, asVariable)
    : pieces(text, bracesToken, bracesReader());
}

const bracesToken = /\{\{|\}\}|\{([a-z][a-z0-9_]{0,63})\}/g;
const jinjaVariable = /\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}/g;

/** The tokens of a text as `read` takes them, and the text between them. */
function pieces(text: string, token: RegExp, read: (match: RegExpExecArray) => Piece): readonly Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    found.push({ type: 'text', text: text.slice(end, match.index) }, read(match));
    end = match.index + match[0].length;
  }
  return [...found, { type: 'text', text: text.slice(end) }];
}

function asVariable([source, name = '']: RegExpExecArray): Piece {
  return { type: 'variable', name, source };
}

/** Only a `}}` that closes a `{{` is an escape: nested JSON ends with the same two characters. */
function bracesReader(): (match: RegExpExecArray) => Piece {
  let open = 0;
  return (match) => {
    const [source, name] = match;
    if (name !== undefined) return asVariable(match);
    if (source === '}}' && open === 0) return { type: 'text', text: source };
    open += source === '{{' ? 1 : -1;
    return { type: 'text', text: source.slice(1) };
  };
}

function isKnown(name: string): name is keyof typeof promptVariables {
  return Object.hasOwn(promptVariables, name);
}

function render(name: string, values: PromptValues): string | undefined {
  return isKnown(name) ? promptVariables[name](values) : undefined;
}

const wholeDate = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' } as const;

/** Making one takes longer than all else in a prompt. By their options. */
const formats = new Map<string, Intl.DateTimeFormat>();

function inZone({ now, timezone }: PromptValues, parts: Intl.DateTimeFormatOptions): string {
  const options = { ...parts, timeZone: timezone };
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-US', options);
  formats.set(key, format);
  return format.format(now);
}

function listOf(tools: readonly string[]): string {
  if (tools.length === 0) return '(none)';
  return tools
    .toSorted()
    .map((name) => `- ${name}`)
    .join('\n');
}

function unknownSentence(name: string, format: PromptFormat): string {
  const written = (variable: string) => (format === 'jinja' ? `{{ ${variable} }}` : `{${variable}}`);
  const meant = nearest(name, Object.keys(promptVariables));
  const hint =
    meant === undefined
      ? `There are ${Object.keys(promptVariables).map(written).join(', ')}.`
      : `Did you mean ${written(meant)}?`;
  const literal =
    format === 'jinja' ? 'For literal braces use a .md file.' : `For literal text write {{${name}}}.`;
  return `There is no variable ${written(name)}. ${hint} ${literal}`;
}

const jinjaTag = /\{%|\{#|\{\{(?!\s*[A-Za-z_][A-Za-z0-9_]{0,63}\s*\}\})/g;

/** Everything of Jinja but plain variables, by line. */
function unsupported(text: string): readonly string[] {
  const tags = [...text.matchAll(jinjaTag).take(fewProblems)];
  const sentences = tags.map(({ index, 0: tag }) => {
    const line = text.slice(0, index).split('\n').length;
    return `Line ${line}: ${tag} begins something that is not supported. Use only variables, like {{ current_date }}.`;
  });
  return [...new Set(sentences)];
}
