import { describe, expect, it } from 'vitest';
import { renderReply } from '../../../adapters/teams/render.ts';
import { at, records } from '../../../src/chat/json.ts';
import { strictlyCheckMessage } from './card-check.ts';

describe('an answer that no model gave', () => {
  const reply = {
    kind: 'answer',
    text: '`host__disk` reads.',
    turnId: 'turn-1',
    isWithoutModel: true,
  } as const;

  it('has no AI label, and nobody is asked what they think of it', () => {
    const [message] = renderReply(reply).messages;
    expect(message?.entities).toBeUndefined();
    expect(message?.channelData).toBeUndefined();
    const { isWithoutModel: _none, ...models } = reply;
    const [said] = renderReply(models).messages;
    expect(records(said?.entities)[0]?.additionalType).toEqual(['AIGeneratedContent']);
    expect(at(said, 'channelData', 'feedbackLoop')).toBeDefined();
  });

  it('still shows how sensitive it is', () => {
    const { messages } = renderReply(reply, [], { sensitivity: { name: 'Internal' } });
    for (const message of messages) strictlyCheckMessage(message);
    const [entity] = records(messages[0]?.entities);
    expect(entity?.usageInfo).toMatchObject({ name: 'Internal' });
    expect(entity?.additionalType).toBeUndefined();
  });
});

describe('the words above a table', () => {
  it.each([
    ['| a | b |\n|---|---|\n| 1 | 2 |', '📋 a · b'],
    ['| | b |\n|---|---|\n| 1 | 2 |', '📋 b'],
    ['| | |\n|---|---|\n| 1 | 2 |', '📋 Table'],
  ])('name its columns where it names them: %j', (text, caption) => {
    expect(renderReply({ kind: 'answer', text, turnId: 'turn-1' }).messages[0]?.text).toBe(caption);
  });
});
