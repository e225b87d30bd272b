import { Ajv2020, type ErrorObject, type Options } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { isOfFormat, knownFormats } from './formats.ts';
import { isJsonObject, type Json } from './json.ts';
import { keywordSentence } from './schema-sentences.ts';

/** What does not fit a JSON Schema: where, and a sentence for people. */
export interface Misfit {
  readonly path: readonly string[];
  readonly sentence: string;
}

/**
 * Whose schema it is. `tool`: the tool itself has the last word, so that a schema that makes no sense says
 * nothing. `added`: nobody else checks it, so that what it does not let through stays out.
 */
export type SchemaOf = 'tool' | 'added';

/** Nobody would read more of them. */
const mostMisfits = 100;

/** What of a value does not fit a JSON Schema; empty where it fits. Takes as long as the schema wants. */
export function misfitsOf(
  schema: Json | undefined,
  value: Json | undefined,
  whose: SchemaOf = 'tool',
): readonly Misfit[] {
  const errors = errorsOf(schema ?? true, value, whose);
  if (errors === undefined) return whose === 'tool' ? [] : [{ path: [], sentence: uncheckable }];
  const isTold = notOfBranch(errors);
  const told: Misfit[] = [];
  for (const error of errors) {
    if (told.length === mostMisfits) break;
    if (isTold(error) && !isEcho(error) && (whose === 'added' || !isAmbiguous(error)))
      told.push(misfitOf(error));
  }
  if (told.length === 0 && errors.length > 0 && whose === 'added')
    return [{ path: [], sentence: keywordSentence({ keyword: '' }) }];
  return told;
}

const uncheckable =
  'What was added to check other arguments makes no sense. An administrator must mend the args_schema of HumanInTheLoopMiddleware.';

/** Why a schema cannot be used to check what people write, as a sentence; undefined where it can. */
export function schemaProblem(schema: Json): string | undefined {
  try {
    compiled(schema, 'added');
    return undefined;
  } catch (error) {
    return `This is no JSON Schema that can be checked: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** Undefined: the schema makes no sense, or refers to itself without end. */
function errorsOf(
  schema: Json,
  value: Json | undefined,
  whose: SchemaOf,
): readonly ErrorObject[] | undefined {
  try {
    const check = compiled(schema, whose);
    return check(value) ? [] : (check.errors ?? []);
  } catch {
    return undefined;
  }
}

const common = {
  allErrors: true,
  verbose: true,
  logger: false,
  // As people count: 0.3 is three times 0.1.
  multipleOfPrecision: 9,
} as const satisfies Options;

/** Patterns are matched by RE2, which none can keep busy. */
const options: Readonly<Record<SchemaOf, Options>> = {
  tool: {
    ...common,
    strict: false,
    validateFormats: false,
    validateSchema: false,
    code: { regExp: Object.assign(leniently, { code: '' }) },
  },
  added: {
    ...common,
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowMatchingProperties: true,
    // The last two are words of the language of schemas itself.
    formats: {
      ...Object.fromEntries(knownFormats.map((name) => [name, (text: string) => isOfFormat(text, name)])),
      ...{ regex: true, 'uri-reference': true },
    },
    keywords: ['enumNames'],
    code: { regExp: Object.assign(pattern, { code: '' }) },
  },
};

function compiled(schema: Json, whose: SchemaOf) {
  // Which draft it says it is does not matter for what is told of it, and its own id could name it twice.
  const { $schema: _draft, $id: _id, ...rest } = isJsonObject(schema) ? schema : {};
  return new Ajv2020(options[whose]).compile(isJsonObject(schema) ? rest : schema !== false);
}

/** Ajv knows the patterns of a schema, and of the language of schemas itself, apart by what `toString` gives. */
interface Matching {
  test(text: string): boolean;
  toString(): string;
}

function pattern(source: string): Matching {
  const made = RE2JS.compile(RE2JS.translateRegExp(source));
  return { test: (text) => made.matcher(text).find(), toString: () => source };
}

/** One that RE2 does not know says nothing. */
function leniently(source: string): Matching {
  try {
    return pattern(source);
  } catch {
    return { test: () => true, toString: () => source };
  }
}

/** What keeps a value from one of several forms is not told: that it fits none of them is. */
function notOfBranch(errors: readonly ErrorObject[]): (error: ErrorObject) => boolean {
  const choices = new Map<string, Set<string>>();
  for (const { keyword, instancePath, schemaPath } of errors) {
    if (keyword !== 'anyOf' && keyword !== 'oneOf') continue;
    choices.set(instancePath, (choices.get(instancePath) ?? new Set()).add(schemaPath));
  }
  if (choices.size === 0) return () => true;
  return ({ instancePath, schemaPath }) =>
    !pathsAbove(instancePath).some((path) =>
      [...(choices.get(path) ?? [])].some(
        (choice) => schemaPath.startsWith(`${choice}/`) || (isElsewhere(schemaPath) && !isElsewhere(choice)),
      ),
    );
}

/** The path itself, and those of all that it lies in. */
function pathsAbove(path: string): readonly string[] {
  const paths = [path];
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    paths.push(path.slice(0, end));
    if (end === 0) break;
  }
  return paths;
}

/** Of a form that is described once and referred to. */
function isElsewhere(schemaPath: string): boolean {
  return schemaPath.startsWith('#/$defs/') || schemaPath.startsWith('#/definitions/');
}

/** It fits more than one form: which is meant is the tool's to find out. */
function isAmbiguous({ keyword, params }: ErrorObject): boolean {
  return keyword === 'oneOf' && Array.isArray(params.passingSchemas);
}

/** Says only that something within does not fit, which is told beside it. */
function isEcho({ keyword }: ErrorObject): boolean {
  return keyword === 'if' || keyword === 'propertyNames';
}

function misfitOf(error: ErrorObject): Misfit {
  const at = error.instancePath.split('/').slice(1).map(unescaped);
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params;
  const name: unknown = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? error.propertyName;
  return { path: typeof name === 'string' ? [...at, name] : at, sentence: keywordSentence(error) };
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
