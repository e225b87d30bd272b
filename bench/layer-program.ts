/**
 * A program that asks the mock model the same question by the vendor's bare SDK and by the bot's provider layer,
 * one call after another, and says what each took.
 */
import OpenAI from 'openai';
import { z } from 'zod';
import type { Provider } from '../src/agent/provider.ts';
import { chargesFor } from '../src/providers/cost.ts';
import { openai } from '../src/providers/openai.ts';
import { readPrices } from '../src/providers/prices.ts';
import { resilient } from '../src/providers/resilient.ts';
import { serve } from './program.ts';
import { answer, work } from './work.ts';

const questions = z.object({ side: z.enum(['sdk', 'layer']), calls: z.int().positive() });
const model = 'gpt-6.1-sol';
const call = {
  id: 'call_1',
  name: `${work.server}__${work.tool}`,
  arguments: z.json().parse(JSON.parse(work.arguments)),
};

function bareSdk(baseURL: string): () => Promise<string> {
  const client = new OpenAI({ apiKey: 'bench', baseURL });
  return async () => {
    const stream = await client.responses.create({
      model,
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      input: [
        { role: 'user', content: work.question },
        { type: 'function_call', call_id: call.id, name: call.name, arguments: work.arguments },
        { type: 'function_call_output', call_id: call.id, output: work.result },
      ],
    });
    let text = '';
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
    return text;
  };
}

function layer(provider: Provider): () => Promise<string> {
  const arguments_ = z.record(z.string(), z.json()).parse(call.arguments);
  return async () => {
    let text = '';
    const request = {
      system: '',
      tools: [],
      messages: [
        { role: 'user', text: work.question },
        { role: 'assistant', text: '', calls: [{ id: call.id, name: call.name, arguments: arguments_ }] },
        { role: 'tool', callId: call.id, name: call.name, text: work.result, isError: false },
      ],
    } as const;
    for await (const event of provider(request, new AbortController().signal))
      if (event.type === 'text') text += event.text;
    return text;
  };
}

/** Milliseconds per call: processor time and time on the wall. */
async function measured(ask: () => Promise<string>, calls: number) {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (let n = 0; n < calls; n++) if ((await ask()) !== answer) throw new Error('the answer was another');
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 / calls, wallMs: (performance.now() - startedAt) / calls };
}

const [url = ''] = process.argv.slice(2);
const [vendor, priceOf] = await Promise.all([
  openai.create({ model, apiKey: 'bench', config: { base_url: url } }),
  readPrices(),
]);
const charge = chargesFor(model, priceOf({ provider: 'openai', name: model, config: {} }));
const sides = { sdk: bareSdk(url), layer: layer(resilient(vendor, { charge })) };

serve({
  ready: true,
  async answer(raw) {
    const { side, calls } = questions.parse(raw);
    return await measured(sides[side], calls);
  },
});
