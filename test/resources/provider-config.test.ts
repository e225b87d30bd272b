import { expect, it } from 'vitest';
import { z } from 'zod';
import { configProblems } from '../../src/resources/provider-config.ts';

const provider = { config: z.object({ top_p: z.number().optional() }) };

it('says of every provider what is wrong with what a model can see', () => {
  expect(configProblems(provider, { input_images: true, input_pdfs: null, other: 1 })).toEqual([]);
  expect(configProblems(provider, undefined)).toEqual([]);
  expect(configProblems(provider, { input_images: 'yes' })).toEqual([
    'input_images: It must be true or false.',
  ]);
});
