import { z } from 'zod';
import { jsonSchemaOf } from './middleware-types.ts';
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

/** The JSON Schema of a model's settings, those that hold for every provider too. */
export function settingsSchema({
  config,
}: {
  readonly config: z.ZodType;
}): Readonly<Record<string, unknown>> {
  const own = z.toJSONSchema(sightConfig, { io: 'input', unrepresentable: 'any' });
  const { properties = {}, ...schema } = jsonSchemaOf({ config });
  return { ...schema, properties: { ...Object(properties), ...own.properties } };
}

const yesOrNo = z.boolean({ error: 'It must be true or false.' }).nullish();

/** What holds for every provider: whether a model can be shown images and PDFs, where its vendor is not to be asked. */
const sightConfig = z.looseObject({
  input_images: yesOrNo.describe('Whether it can be shown images. Empty: it is found out.'),
  input_pdfs: yesOrNo.describe('Whether it can be shown PDFs. Empty: it is found out.'),
});
