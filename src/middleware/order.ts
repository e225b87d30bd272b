/** Which type must lie outside which, and what happens otherwise. */
const rules = [
  {
    outer: 'CacheMiddleware',
    inner: 'ModelFallbackMiddleware',
    why: 'the answer of another model would be kept as if it were this model’s own',
  },
  {
    outer: 'CacheMiddleware',
    inner: 'RetryMiddleware',
    why: 'each retry would look into the cache again',
  },
  {
    outer: 'CacheMiddleware',
    inner: 'ModelRetryMiddleware',
    why: 'each retry would look into the cache again',
  },
  {
    outer: 'ModelFallbackMiddleware',
    inner: 'RetryMiddleware',
    why: 'the other models would not be tried again when they fail',
  },
  {
    outer: 'ModelFallbackMiddleware',
    inner: 'ModelRetryMiddleware',
    why: 'the other models would not be tried again when they fail',
  },
  {
    outer: 'ModelFallbackMiddleware',
    inner: 'CircuitBreakerMiddleware',
    why: 'a circuit that is open would end the turn instead of leading to another model',
  },
  {
    outer: 'PIIMiddleware',
    inner: 'SummarizationMiddleware',
    why: 'summaries would be made of what is still to be hidden',
  },
  {
    outer: 'HumanInTheLoopMiddleware',
    inner: 'ToolResultCacheMiddleware',
    why: 'kept results would be given before people are asked',
  },
] as const;

/** A type of a model's chain, and where it lies. */
export interface Placed {
  readonly type: string;
  readonly priority: number;
}

/** What is odd about the place of `one` among the others, as sentences. */
export function orderWarnings(one: Placed, others: readonly Placed[]): readonly string[] {
  const all = [one, ...others.filter(({ type }) => type !== one.type)];
  return rules
    .filter(({ outer, inner }) => one.type === outer || one.type === inner)
    .flatMap(({ outer, inner, why }) => {
      const [out, within] = [find(all, outer), find(all, inner)];
      if (out === undefined || within === undefined || isOutside(out, within)) return [];
      return [
        `${outer} (${out.priority}) should lie outside ${inner} (${within.priority}), with a lower priority: ${why}.`,
      ];
    });
}

/** As layers are composed: of equal priorities the name counts. */
function isOutside(one: Placed, other: Placed): boolean {
  return one.priority === other.priority ? one.type < other.type : one.priority < other.priority;
}

function find(all: readonly Placed[], wanted: string): Placed | undefined {
  return all.find(({ type }) => type === wanted);
}
