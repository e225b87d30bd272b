import { expect, it } from 'vitest';
import { openai } from '../../src/providers/openai.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { ask, hear } from './hear.ts';

const apiKey = 'sk-test-0123456789abcdefghijklmnop';

/** Answers as https://developers.openai.com/api/reference/resources/moderations does. */
function moderating(status = 200) {
  const asked: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const body: unknown = JSON.parse(String(init?.body));
    asked.push([String(url), body]);
    const flagged = JSON.stringify(body).includes('harm');
    const result = {
      flagged,
      categories: { violence: flagged, 'self-harm': flagged, hate: false },
      category_scores: {},
    };
    const answer =
      status === 200
        ? { id: 'modr-1', model: 'omni-moderation', results: [result] }
        : { error: { message: 'No.' } };
    return Response.json(answer, { status });
  };
  return { fetch, asked };
}

it.each([
  ['harm', { flagged: true, categories: ['violence', 'self-harm'] }],
  ['Pods?', { flagged: false, categories: [] }],
])(
  'a moderation model judges the last words of a person at its own endpoint: %s',
  async (words, expected) => {
    const { fetch, asked } = moderating();
    const vendor = await openai.create({ model: 'omni-moderation-latest', apiKey, config: {}, fetch });
    const heard = await hear(resilient(vendor), ask(words));
    expect(JSON.parse(heard.text)).toEqual(expected);
    expect(asked).toEqual([
      [expect.stringMatching(/\/v1\/moderations$/), { model: 'omni-moderation-latest', input: words }],
    ]);
  },
);

it('fails as other models do', async () => {
  const { fetch } = moderating(401);
  const vendor = await openai.create({ model: 'omni-moderation-latest', apiKey, config: {}, fetch });
  expect((await hear(resilient(vendor), ask('Pods?'))).error).toMatchObject({ kind: 'auth' });
});
