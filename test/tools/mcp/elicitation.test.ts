import { describe, expect, it } from 'vitest';
import type { NeedAnswer } from '../../../src/agent/tool.ts';
import { questionsOf, type ServerQuestion } from '../../../src/tools/mcp/elicitation.ts';
import type { Reach } from '../../../src/tools/port.ts';

const form: ServerQuestion = { mode: 'form', message: 'How many?', schema: { type: 'object' } };
const done = { text: 'done', isError: false };

function questions(answers: readonly NeedAnswer[] = [], reach: Reach = 'external') {
  return questionsOf({ server: 'cafe', reach, context: { asker: 'web:ada', answers } });
}

const page = (url: string): ServerQuestion => ({ mode: 'url', message: 'Here.', url });

describe('what a server asks during a call', () => {
  it('is cancelled, and becomes what the call needs', () => {
    const asked = questions();
    expect(asked.hear(form)).toEqual({ action: 'cancel' });
    const need = { type: 'form', server: 'cafe', message: 'How many?', schema: { type: 'object' } };
    expect(asked.outcome(done)).toEqual({ ...done, need });
  });

  it('is answered with what the asker has said to the same question, and to no other', () => {
    const need = { type: 'form', server: 'cafe', message: 'How many?', schema: { type: 'object' } } as const;
    const asked = questions([{ need, action: 'accept', content: { count: 2 } }]);
    expect(asked.hear(form)).toEqual({ action: 'accept', content: { count: 2 } });
    expect(asked.outcome(done)).toEqual(done);
    expect(asked.hear({ ...form, message: 'How few?' })).toEqual({ action: 'cancel' });
    expect(asked.outcome(done).need).toMatchObject({ message: 'How few?' });
  });

  it('is nobody’s to answer where it runs for nobody', () => {
    const asked = questionsOf({ server: 'cafe', reach: 'external', context: undefined });
    expect(asked.hear(form)).toEqual({ action: 'cancel' });
    expect(asked.outcome(done)).toEqual(done);
  });

  it.each<[string, Reach, string]>([
    ['https://pay.example.com/x', 'external', 'cancel'],
    ['http://pay.local/x', 'internal', 'cancel'],
    ['http://pay.example.com/x', 'external', 'decline'],
    ['https://pay.example.com@evil.example/', 'external', 'decline'],
    ['https://user:word@pay.example.com/', 'internal', 'decline'],
    ['javascript:alert(1)', 'internal', 'decline'],
    ['file:///etc/passwd', 'internal', 'decline'],
    ['no address', 'internal', 'decline'],
  ])('sends people to %s of an %s server: %s', (url, reach, action) => {
    const asked = questions([], reach);
    expect(asked.hear(page(url))).toEqual({ action });
    expect(asked.outcome(done).need === undefined).toBe(action === 'decline');
  });

  it('is declined when its form is longer than anybody reads', () => {
    const asked = questions();
    const schema = { properties: { a: { type: 'string', description: 'x'.repeat(40_000) } } };
    expect(asked.hear({ mode: 'form', message: '', schema })).toEqual({ action: 'decline' });
  });

  it('is said to the model where nobody knew for whom it was', () => {
    const asked = questions();
    asked.missed();
    expect(asked.outcome(done).text).toMatch(/^done\n\n\(.*call it again by itself\.\)$/s);
  });
});
