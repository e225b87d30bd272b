import type { OpenAI } from 'openai';
import { type ModelRequest, noUsage } from '../agent/provider.ts';
import type { Vendor } from './vendor.ts';

/** Whether a model of OpenAI's answers at its moderation endpoint alone. */
export function isModeration(model: string): boolean {
  return /^(omni|text)-moderation(-|$)/.test(model);
}

/**
 * Judges the last words of a person. Its answer is JSON: `flagged`, and the names of the `categories`.
 * It is free of charge: https://developers.openai.com/api/docs/guides/moderation
 */
export function streamModeration(client: OpenAI, model: string): Vendor['stream'] {
  return async function* (request, signal) {
    const { results } = await client.moderations.create({ model, input: wordsOf(request) }, { signal });
    const flagged = results.some((result) => result.flagged);
    const categories = results.flatMap((result) =>
      Object.entries(result.categories).flatMap(([category, isIn]) => (isIn ? [category] : [])),
    );
    yield { type: 'text', text: JSON.stringify({ flagged, categories: [...new Set(categories)] }) };
    yield { type: 'usage', usage: noUsage, cost: { usd: 0, isWhole: true } };
    yield { type: 'stop', reason: 'end' };
  };
}

function wordsOf({ messages }: ModelRequest): string {
  return messages.findLast((message) => message.role === 'user')?.text ?? '';
}
