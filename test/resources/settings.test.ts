import { describe, expect, it } from 'vitest';
import { feedbackEmoji, settingsSchema } from '../../src/resources/settings.ts';

const timezone = settingsSchema.shape.timezone;

describe('the setting timezone', () => {
  it('is UTC when nobody says', () => {
    expect(settingsSchema.parse({}).timezone).toBe('UTC');
  });

  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'])('may be %s', (name) => {
    expect(timezone.parse(name)).toBe(name);
  });

  it.each(['', 'Berlin', 'Europe/Berlim', '+02:00', 'UTC+2', 'local'])('may not be %j', (name) => {
    expect(() => timezone.parse(name)).toThrow('must be the name of a time zone, like Europe/Berlin or UTC');
  });
});

describe('the emoji that are feedback', () => {
  it('are named without colons, and may be none', () => {
    const chosen = settingsSchema.parse({ good_reactions: ':heart: +1', bad_reactions: 'none' });
    expect(feedbackEmoji(chosen)).toEqual({ good: new Set(['heart', '+1']), bad: new Set() });
  });

  it.each(['', ' ', 'a, b', '👍'])('may not be %j', (text) => {
    expect(() => settingsSchema.parse({ good_reactions: text })).toThrow('must be names of emoji');
  });
});
