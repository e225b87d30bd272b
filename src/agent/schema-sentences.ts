/** A keyword of a JSON Schema that something does not fit. */
export interface Unfit {
  readonly keyword: string;
  /** What stands behind the keyword. */
  readonly schema?: unknown;
}

/** What people read of it. */
export function keywordSentence(unfit: Unfit): string {
  return sentences[unfit.keyword]?.(unfit) ?? 'This does not fit what is allowed.';
}

const typeSentences: ReadonlyMap<string, string> = new Map([
  ['string', 'Write a text.'],
  ['number', 'Write a number.'],
  ['integer', 'Write a whole number.'],
  ['boolean', 'Choose yes or no.'],
  ['array', 'Write a list.'],
  ['object', 'Write an object.'],
  ['null', 'This must be null.'],
]);

const noForm = 'This fits none of the forms that it may have.';

const sentences: Readonly<Record<string, (unfit: Unfit) => string>> = {
  type: ({ schema }) => typeSentences.get(String([schema].flat()[0])) ?? 'This is of another type.',
  enum: ({ schema }) => choiceOf(Array.isArray(schema) ? schema : []),
  const: ({ schema }) => choiceOf([schema]),
  minimum: ({ schema }) => `Write ${schema} or more.`,
  maximum: ({ schema }) => `Write ${schema} or less.`,
  exclusiveMinimum: ({ schema }) => `Write more than ${schema}.`,
  exclusiveMaximum: ({ schema }) => `Write less than ${schema}.`,
  multipleOf: ({ schema }) => `Write a multiple of ${schema}.`,
  minLength: ({ schema }) => tooShort(schema),
  maxLength: ({ schema }) => `Write at most ${schema} characters.`,
  pattern: ({ schema }) => `This must match ${schema}.`,
  format: ({ schema }) => `This is no ${schema}.`,
  minItems: ({ schema }) => `Give at least ${schema}.`,
  maxItems: ({ schema }) => `Give at most ${schema}.`,
  uniqueItems: () => 'Give each once.',
  required: () => 'This is required.',
  dependentRequired: () => 'This is required.',
  dependencies: () => 'This is required.',
  additionalProperties: () => 'There is no such field.',
  unevaluatedProperties: () => 'There is no such field.',
  'false schema': () => 'There is no such field.',
  not: () => 'This is not allowed here.',
  anyOf: () => noForm,
  oneOf: () => noForm,
};

function choiceOf(choices: readonly unknown[]): string {
  const listed = choices.slice(0, 20).map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return `Choose one of: ${listed.join(', ')}.`;
}

/** What is said of a text that is shorter than it must be. */
export function tooShort(least: unknown): string {
  return least === 1 ? 'This is required.' : `Write at least ${least} characters.`;
}
