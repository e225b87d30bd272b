import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import type { Json, JsonObject } from './json.ts';

/** What does not fit a JSON Schema: where, and a sentence for people. */
export interface Misfit {
  readonly path: readonly string[];
  readonly sentence: string;
}

/** Nobody would read more of them. */
const mostMisfits = 100;

/**
 * What of a value does not fit a JSON Schema; empty where it fits. A schema that makes no sense says nothing,
 * for the tool itself has the last word: this is for sentences that people read before a call runs.
 */
export function misfitsOf(schema: Json | undefined, value: Json | undefined): readonly Misfit[] {
  const errors = errorsOf(schema ?? true, value);
  return errors
    .filter((error) => !isOfBranch(error, errors) && !isAmbiguous(error))
    .flatMap((error) => misfitOf(error) ?? [])
    .slice(0, mostMisfits);
}

function errorsOf(schema: Json, value: Json | undefined): readonly ErrorObject[] {
  // Which draft it says it is does not matter for what is told of it, and its own id could name it twice.
  const { $schema: _draft, $id: _id, ...rest } = isObject(schema) ? schema : {};
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    verbose: true,
    logger: false,
    validateFormats: false,
    validateSchema: false,
    // As people count: 0.3 is three times 0.1.
    multipleOfPrecision: 9,
    code: { regExp: Object.assign(pattern, { code: '' }) },
  });
  try {
    const check = ajv.compile(isObject(schema) ? rest : schema !== false);
    return check(value) ? [] : (check.errors ?? []);
  } catch {
    return [];
  }
}

/** By RE2, which no pattern can keep busy; one that it does not know says nothing. */
function pattern(source: string): { test(text: string): boolean } {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
    return { test: (text) => compiled.matcher(text).find() };
  } catch {
    return { test: () => true };
  }
}

/** What keeps a value from one of several forms is not told: that it fits none of them is. */
function isOfBranch({ instancePath, schemaPath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some(
    (other) =>
      isChoice(other) &&
      instancePath.startsWith(other.instancePath) &&
      (schemaPath.startsWith(`${other.schemaPath}/`) ||
        (isElsewhere(schemaPath) && !isElsewhere(other.schemaPath))),
  );
}

/** Of a form that is described once and referred to. */
function isElsewhere(schemaPath: string): boolean {
  return schemaPath.startsWith('#/$defs/') || schemaPath.startsWith('#/definitions/');
}

function isChoice({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

/** It fits more than one form: which is meant is the tool's to find out. */
function isAmbiguous({ keyword, params }: ErrorObject): boolean {
  return keyword === 'oneOf' && Array.isArray(params.passingSchemas);
}

function misfitOf(error: ErrorObject): Misfit | undefined {
  const sentence = sentences[error.keyword]?.(error);
  if (sentence === undefined) return undefined;
  const at = error.instancePath.split('/').slice(1).map(unescaped);
  const { missingProperty, additionalProperty } = error.params;
  const name: unknown = missingProperty ?? additionalProperty;
  return { path: typeof name === 'string' ? [...at, name] : at, sentence };
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

const typeSentences: Readonly<Record<string, string>> = {
  string: 'Write a text.',
  number: 'Write a number.',
  integer: 'Write a whole number.',
  boolean: 'Choose yes or no.',
  array: 'Write a list.',
  object: 'Write an object.',
  null: 'This must be null.',
};

/** By keyword; of others nothing is said. */
const sentences: Readonly<Record<string, (error: ErrorObject) => string>> = {
  type: ({ schema }) => typeSentences[String([schema].flat()[0])] ?? 'This is of another type.',
  enum: ({ schema }) => choiceOf(Array.isArray(schema) ? schema : []),
  const: ({ schema }) => choiceOf([schema]),
  minimum: ({ schema }) => `Write ${schema} or more.`,
  maximum: ({ schema }) => `Write ${schema} or less.`,
  exclusiveMinimum: ({ schema }) => `Write more than ${schema}.`,
  exclusiveMaximum: ({ schema }) => `Write less than ${schema}.`,
  multipleOf: ({ schema }) => `Write a multiple of ${schema}.`,
  minLength: ({ schema }) => `Write at least ${schema} characters.`,
  maxLength: ({ schema }) => `Write at most ${schema} characters.`,
  pattern: ({ schema }) => `This must match ${schema}.`,
  minItems: ({ schema }) => `Give at least ${schema}.`,
  maxItems: ({ schema }) => `Give at most ${schema}.`,
  uniqueItems: () => 'Give each once.',
  required: () => 'This is required.',
  additionalProperties: () => 'There is no such field.',
  'false schema': () => 'There is no such field.',
  anyOf: () => 'This fits none of the forms that it may have.',
  oneOf: () => 'This fits none of the forms that it may have.',
};

function choiceOf(choices: readonly unknown[]): string {
  const listed = choices.slice(0, 20).map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return `Choose one of: ${listed.join(', ')}.`;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
