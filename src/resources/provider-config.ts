import { z } from 'zod';
import { sentencesOf } from './sentences.ts';

/** What is wrong with a provider's or a model's settings; unknown ones are passed on as they are. */
export function configProblems(
  provider: { readonly config: z.ZodType } | undefined,
  config: unknown,
): readonly string[] {
  const parsed = provider?.config.safeParse(config ?? {});
  const own = sightConfig.safeParse(config ?? {});
  return [parsed, own].flatMap((each) => (each?.error === undefined ? [] : sentencesOf(each.error)));
}

const yesOrNo = z.boolean({ error: 'It must be true or false.' }).nullish();

/** What holds for every provider: whether a model can be shown images and PDFs, where its vendor is not to be asked. */
const sightConfig = z.looseObject({ input_images: yesOrNo, input_pdfs: yesOrNo });
