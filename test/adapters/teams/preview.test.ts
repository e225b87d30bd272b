import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPace } from '../../../adapters/teams/pace.ts';
import { UnavailableError } from '../../../src/chat/errors.ts';
import type { Preview } from '../../../src/chat/live.ts';
import { until } from '../web/until.ts';
import { calm, openParts, type Parts, type Process, textOf } from './parts.ts';

let at: Parts;
let process: Process;
beforeEach(async () => {
  at = await openParts();
  process = at.process();
});
afterEach(async () => await at.close());

const chat = () => at.heard(at.personal);
const stream = () => chat()[0]?.stream;
const sent = () => at.teams.calls.filter(({ operation }) => operation === 'send');
const refused = () => sent().filter(({ outcome }) => outcome !== 'ok');

function begin(preview: Preview): void {
  preview.show({ type: 'started', activation: 'start' });
}

/** Both clocks go on: the double's, and that of the timers. */
async function untilLater(holds: () => boolean): Promise<void> {
  await until(() => {
    at.teams.skip(50);
    return holds();
  });
}

const tool = { callId: 'c1', tool: 'host__disk' } as const;

describe('previews in the chats of two people', () => {
  it('cross nowhere, though Teams gives their messages the same id', async () => {
    const bobs = () => at.heard(at.bobs);
    const [mine, theirs] = [
      process.preview(at.target(at.personal)),
      process.preview(at.target(at.bobs, { turnId: 'turn-2' })),
    ];
    for (const preview of [mine, theirs]) begin(preview);
    mine.show({ type: 'text', text: 'The password of Alice.' });
    theirs.show({ type: 'text', text: 'The disk of Bob.' });
    await untilLater(() => stream()?.text === 'The password of Alice.');
    await untilLater(() => bobs()[0]?.stream?.text === 'The disk of Bob.');
    const ids = at.remembered.map(({ id }) => id);
    expect(ids).toEqual([chat()[0]?.id, bobs()[0]?.id]);
    expect(new Set(ids).size).toBe(1);
    for (const preview of [mine, theirs]) await preview.drain?.();
    at.teams.skip(2000);
    const ref = at.remembered[0] ?? {};
    // Another process ends them: one with words that go on, one with others.
    const { poster } = at.process();
    await poster.edit(ref, at.post(at.personal, { text: 'The password of Alice. It is new.' }), calm);
    await poster.edit(ref, at.post(at.bobs, { text: 'It is full.', turnId: 'turn-2' }, 'turn-2:0'), calm);
    for (const preview of [mine, theirs]) await preview.close();
    expect(chat().map(textOf)).toEqual(['The password of Alice. It is new.']);
    expect(chat()[0]?.previous).toEqual([]);
    expect(bobs().map(textOf)).toEqual(['It is full.']);
    expect(bobs()[0]?.previous.map(({ text }) => text)).toEqual(['The disk of Bob.']);
    expect(JSON.stringify(bobs()[0])).not.toContain('Alice');
    expect(refused()).toEqual([]);
  });
});

describe('a preview in a personal chat', () => {
  it('types at once', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    await until(() => at.teams.tenant.typing.length > 0);
    await preview.close();
    expect(chat()).toHaveLength(0);
  });

  it('streams by the rules, tools as lines and text that only grows; the reply ends the stream', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'tool_start', ...tool, arguments: '{}' });
    await untilLater(() => stream()?.informative.includes('host__disk') === true);
    await untilLater(() => at.remembered.length > 0);
    expect(at.remembered).toEqual([{ kind: 'stream', id: chat()[0]?.id }]);
    preview.show({ type: 'tool_end', ...tool, ok: true, durationMs: 5, summary: '91 %' });
    preview.show({ type: 'text', text: 'The disk of node7 ' });
    await untilLater(() => stream()?.text.startsWith('The disk') === true);
    preview.show({ type: 'text', text: 'is full.' });
    await untilLater(() => stream()?.text === 'The disk of node7 is full.');
    await preview.drain?.();
    const [ref] = at.remembered;
    if (ref === undefined) throw new Error('nothing was remembered');
    at.teams.skip(1500);
    await process.poster.edit(ref, at.post(at.personal, { text: 'The disk of node7 is full.' }), calm);
    await preview.close();
    expect(chat()).toHaveLength(1);
    expect(stream()?.state).toBe('done');
    expect(chat()[0]?.previous).toEqual([]);
    expect(textOf(chat()[0])).toBe('The disk of node7 is full.');
    expect(refused()).toEqual([]);
  });

  it('goes on in the same message when two minutes are over, with nothing lost or doubled', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'text', text: 'One.\n\n' });
    await untilLater(() => stream()?.text === 'One.');
    at.teams.skip((stream()?.startedAt ?? 0) + 111_000 - at.teams.tenant.now());
    preview.show({ type: 'text', text: 'Two.' });
    await until(() => textOf(chat()[0]) === 'One.\n\nTwo.');
    expect(stream()?.state).toBe('done');
    await preview.drain?.();
    const ref = at.remembered[0] ?? {};
    await process.poster.edit(ref, at.post(at.personal, { text: 'One.\n\nTwo.\n\nThree.' }), calm);
    await preview.close();
    expect(chat().map(textOf)).toEqual(['One.\n\nTwo.\n\nThree.']);
  });

  it('ends well though Teams ended the stream by itself', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'text', text: 'One.' });
    await untilLater(() => stream()?.text === 'One.');
    await preview.drain?.();
    at.teams.skip(121_000);
    await process.poster.edit(at.remembered[0] ?? {}, at.post(at.personal, { text: 'One. Two.' }), calm);
    await preview.close();
    expect(chat().map(textOf)).toEqual(['One. Two.']);
  });

  it('finishes the stream and goes on by edits after a restart, whose text cannot grow from the old one', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'text', text: 'Wrong.' });
    await untilLater(() => stream()?.text === 'Wrong.');
    preview.show({ type: 'restart', reason: 'fallback' });
    preview.show({ type: 'text', text: 'Right.' });
    await untilLater(() => textOf(chat()[0]) === 'Right.');
    await preview.drain?.();
    await process.poster.edit(at.remembered[0] ?? {}, at.post(at.personal, { text: 'Right.' }), calm);
    await preview.close();
    expect(chat().map(textOf)).toEqual(['Right.']);
    expect(refused()).toEqual([]);
  });

  it('stops the turn when the person presses Stop, also while nothing new is to be said', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'text', text: 'It begins.' });
    await untilLater(() => stream()?.text === 'It begins.');
    at.people.stop(at.alice, at.personal.id);
    await untilLater(() => at.stopped.length > 0);
    expect(at.stopped).toEqual(['turn-1']);
    await preview.drain?.();
    const stopped = at.post(at.personal, { kind: 'stopped', text: 'Stopped by alice.' });
    await process.poster.edit(at.remembered[0] ?? {}, stopped, calm);
    await preview.close();
    expect(chat()).toHaveLength(1);
    expect(textOf(chat()[0])).toContain('Stopped by alice.');
  });

  it('falls back to one message that is edited where a stream is refused', async () => {
    at.teams.faults.add('send', { type: 'slow', latencyMs: 1 });
    at.teams.faults.add('send', { type: 'error', status: 403, code: 'ContentStreamNotAllowed' });
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'text', text: 'Shown all the same.' });
    await untilLater(() => textOf(chat()[0]) === 'Shown all the same.');
    expect(stream()).toBeUndefined();
    expect(at.remembered).toEqual([{ kind: 'message', id: chat()[0]?.id }]);
    await preview.close();
  });

  it('says all of it again when a piece is refused for a while', async () => {
    const preview = process.preview(at.target(at.personal));
    begin(preview);
    preview.show({ type: 'text', text: 'One.' });
    await untilLater(() => stream()?.text === 'One.');
    at.teams.faults.add('send', { type: 'rate_limit', seconds: 3, times: 2 });
    preview.show({ type: 'text', text: ' Two.' });
    await untilLater(() => stream()?.text === 'One. Two.');
    await preview.close();
  });

  it('is one message though it could not be stored at first', async () => {
    let failures = 1;
    const remember = async () => {
      failures -= 1;
      if (failures >= 0) throw new UnavailableError('The database cannot be reached.');
    };
    const preview = process.preview(at.target(at.personal, { remember }));
    begin(preview);
    preview.show({ type: 'text', text: 'One.' });
    await untilLater(() => stream()?.text === 'One.');
    expect(chat()).toHaveLength(1);
    await preview.close();
  });

  it('is ended by another process after a kill, in the same message', async () => {
    const first = process.preview(at.target(at.personal));
    begin(first);
    first.show({ type: 'text', text: 'Half an ans' });
    await untilLater(() => (stream()?.text ?? '').startsWith('Half an'));
    // It says nothing more: it was killed.
    const second = at.process();
    at.teams.skip(2000);
    const ref = at.remembered[0] ?? {};
    const preview = second.preview(at.target(at.personal, { ref }));
    preview.show({ type: 'started', activation: 'take-over' });
    preview.show({ type: 'text', text: 'A whole answer.' });
    await untilLater(() => textOf(chat()[0]) === 'A whole answer.');
    await preview.drain?.();
    await second.poster.edit(ref, at.post(at.personal, { text: 'A whole answer.' }), calm);
    await preview.close();
    await first.close();
    expect(chat().map(textOf)).toEqual(['A whole answer.']);
  });

  it('is ended by another process that shows no preview', async () => {
    const first = process.preview(at.target(at.personal));
    begin(first);
    first.show({ type: 'text', text: 'Half an ans' });
    await untilLater(() => (stream()?.text ?? '').startsWith('Half an'));
    at.teams.skip(2000);
    const edit = at.post(at.personal, { kind: 'error', text: 'It failed.' });
    await at.process().poster.edit(at.remembered[0] ?? {}, edit, calm);
    await first.close();
    expect(chat().map(textOf)).toEqual(['⚠️ It failed.']);
  });
});

describe('a preview elsewhere', () => {
  const group = () => at.heard(at.group);

  it('is one message that is edited, and typing', async () => {
    const preview = process.preview(at.target(at.group));
    begin(preview);
    preview.show({ type: 'tool_start', ...tool, arguments: '{}' });
    preview.show({ type: 'text', text: 'It is `<at>alice</at>` @everyone.' });
    await untilLater(() => textOf(group()[0]).includes('It is'));
    expect(at.remembered).toEqual([{ kind: 'message', id: group()[0]?.id }]);
    expect(textOf(group()[0])).toContain('host__disk');
    expect(textOf(group()[0])).not.toContain('<at>');
    await preview.drain?.();
    await process.poster.edit(at.remembered[0] ?? {}, at.post(at.group), calm);
    await preview.close();
    expect(group().map(textOf)).toEqual(['The answer.']);
    expect(at.teams.tenant.typing.length).toBeGreaterThan(0);
  });

  it('shows a plan as lines that are ticked off in place', async () => {
    const preview = process.preview(at.target(at.group));
    begin(preview);
    const steps = (first: 'in_progress' | 'completed') =>
      [
        { text: 'Look at **db**', status: first },
        { text: 'Mend it', status: 'pending' },
      ] as const;
    const shown = () => at.heard(at.group).map(textOf).join();
    preview.show({ type: 'plan', steps: steps('in_progress') });
    await untilLater(() => shown().includes('⏳ Look'));
    preview.show({ type: 'plan', steps: steps('completed') });
    await untilLater(() => shown().includes('✅ Look'));
    expect(shown()).toContain('⬜ Mend it');
    expect(at.heard(at.group)).toHaveLength(1);
    await preview.close();
  });

  it('stays within what Teams allows however much is said', async () => {
    const preview = process.preview(at.target(at.group));
    begin(preview);
    const begun = performance.now();
    for (let n = 0; n < 200; n += 1) {
      preview.show({ type: 'text', text: `word${n} ` });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await preview.drain?.();
    await preview.close();
    expect(at.teams.calls.filter(({ outcome }) => outcome === 'TooManyRequests')).toEqual([]);
    const seconds = (performance.now() - begun) / 1000;
    const updates = at.teams.calls.filter(({ operation }) => operation === 'update');
    expect(updates.length).toBeLessThanOrEqual(2 + seconds / 2);
  });

  it('gives up where the bot was removed, and shows nothing', async () => {
    at.people.place(at.group.id).closed = 'BotNotInConversationRoster';
    const preview = process.preview(at.target(at.group));
    begin(preview);
    preview.show({ type: 'text', text: 'Nobody reads this.' });
    await until(() => sent().length > 0);
    await preview.drain?.();
    await preview.close();
    expect(at.remembered).toEqual([]);
  });
});

describe('the pace', () => {
  it('gathers for longer the more threads are answered at once', () => {
    const pace = createPace();
    pace.enter('t');
    expect([pace.gatherMs('t', 'stream'), pace.gatherMs('t', 'update')]).toEqual([1500, 2500]);
    for (let n = 0; n < 99; n += 1) pace.enter('t');
    expect(pace.gatherMs('t', 'stream')).toBe(4000);
    for (let n = 0; n < 100; n += 1) pace.leave('t');
    expect(pace.gatherMs('t', 'stream')).toBe(1500);
  });
});
