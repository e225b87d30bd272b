import type { z } from 'zod';
import { sentencesOf } from './sentences.ts';

/** What is wrong with a provider's or a model's settings; unknown ones are passed on as they are. */
export function configProblems(
  provider: { readonly config: z.ZodType } | undefined,
  config: unknown,
): readonly string[] {
  const parsed = provider?.config.safeParse(config ?? {});
  if (parsed === undefined || parsed.success) return [];
  return sentencesOf(parsed.error);
}
