import { describe, expect, it } from 'vitest';
import { instructions, previewPrompt, type Scene } from '../../src/bot/instructions.ts';

const scene: Scene = {
  now: Date.parse('2026-01-14T23:30:00Z'),
  timezone: 'Europe/Berlin',
  modelName: 'gpt-6.1-sol',
  tools: ['host__memory'],
  manyPeople: false,
};

describe('what the model is told', () => {
  it('is the prompt with its values, and the date of the time zone', () => {
    const told = instructions({ text: 'Tools:\n{tools}', format: 'braces' }, scene);
    expect(told).toMatch(/^Tools:\n- host__memory\n\nOutput of tools/);
    expect(told).toMatch(/Today is Thursday, January 15, 2026, time zone Europe\/Berlin\.$/);
  });

  it('is the bot’s own words where there is no prompt', () => {
    expect(instructions(undefined, scene)).toMatch(/^You are AI Ops Bot/);
  });

  it('is the same in a preview, which also names the unknown variables', () => {
    const prompt = { text: '{model_name} {modle_name} {"a": 1}', format: 'braces' } as const;
    const preview = previewPrompt(prompt, scene);
    expect(preview.unknown).toEqual(['modle_name']);
    expect(preview.text).toBe(instructions(prompt, scene));
    expect(preview.text).toMatch(/^gpt-6.1-sol \{modle_name\} \{"a": 1\}\n/);
  });
});
