import { describe, expect, it, vi } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import type { ProviderErrorKind } from '../../src/agent/provider.ts';
import { think } from '../../src/agent/think.ts';
import { resilient } from '../../src/providers/resilient.ts';
import type { RefusalName } from '../fakes/llm/script.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { ask, type Heard, hear } from './hear.ts';
import type { Stage } from './stage.ts';

/** Everything that goes wrong with a vendor, and an abort at every point. */
export function faultScenarios({ subject, llm, open, waits }: Stage): void {
  const whole = { text: ['One, ', 'two, ', 'three.'] };
  /** So many frames that text has been shown and the end has not. */
  const shown = subject.wire === 'responses' ? 5 : 3;

  describe('refused', () => {
    const refusals: readonly [RefusalName, ProviderErrorKind, number][] = [
      ['forbidden', 'permission', 403],
      ['model_not_found', 'not_found', 404],
      ['quota', 'quota_exhausted', /^(ollama|huggingface)$/.test(subject.name) ? 402 : 429],
      ['context_overflow', 'context_overflow', 400],
    ];

    it.each(refusals)('%s is %s and not tried again', async (refusal, kind, status) => {
      llm().script({ fault: { type: 'http', refusal } }, { text: 'never' });
      const { error } = await hear(await open(), ask('Say.'));
      expect(error).toMatchObject({ kind, status });
      expect(llm().requests).toHaveLength(1);
    });

    it('a wrong key is auth, and the message names vendor and model but no key', async () => {
      const elsewhere = await startStrictLlm({ apiKey: 'another' });
      const { error } = await hear(resilient(await subject.open(elsewhere.url)), ask('Say.'));
      await elsewhere.close();
      expect(error).toMatchObject({ kind: 'auth', status: 401 });
      expect(error?.message.startsWith(`${subject.label}: HTTP 401, auth.`)).toBe(true);
      expect(error?.message).toContain('Check the API key');
      expect(String(error?.stack) + String(error?.cause)).not.toMatch(/sk-test/);
    });

    it('an orphan tool result is a bad request', async () => {
      const messages: Message[] = [
        { role: 'user', text: 'Pods?' },
        { role: 'tool', callId: 'nobody', name: 'host__ping', text: 'pong', isError: false },
      ];
      const { error } = await hear(await open(), ask('', { messages }));
      expect(error).toMatchObject({ kind: 'bad_request', status: 400 });
    });

    it.each(['rate_limited', 'overloaded', 'server_error'] as const)('%s is tried again', async (refusal) => {
      llm().script({ fault: { type: 'http', refusal } }, { text: 'Here.' });
      const heard = await hear(await open(), ask('Say.'));
      expect(heard).toMatchObject({ text: 'Here.', restarts: 0, error: undefined });
      expect(waits).toEqual([250]);
    });

    it('waits as long as the vendor asks', async () => {
      const fault = { type: 'http', refusal: 'rate_limited', retryAfter: '7' } as const;
      llm().script({ fault }, { text: 'Here.' });
      expect(await hear(await open(), ask('Say.'))).toMatchObject({ text: 'Here.' });
      expect(waits).toEqual([7_000]);
    });

    it('gives up at once when the vendor asks for too long a wait', async () => {
      const fault = { type: 'http', refusal: 'rate_limited', retryAfter: '3600' } as const;
      llm().script({ fault });
      const { error } = await hear(await open(), ask('Say.'));
      expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 3_600_000 });
      expect(waits).toEqual([]);
    });

    it('gives up after two retries, each after a longer wait', async () => {
      const fault = { type: 'http', refusal: 'overloaded' } as const;
      llm().script({ fault }, { fault }, { fault }, { text: 'never' });
      const { error } = await hear(await open(), ask('Say.'));
      expect(error).toMatchObject({ kind: 'overloaded', status: subject.wire === 'messages' ? 529 : 503 });
      expect(waits).toEqual([250, 500]);
      expect(llm().requests).toHaveLength(3);
    });
  });

  describe('broken on the way', () => {
    function expectRestarted(heard: Heard): void {
      expect(heard).toMatchObject({
        text: 'One, two, three.',
        stops: ['end'],
        restarts: 1,
        error: undefined,
      });
      expect(heard.events.findIndex((event) => event.type === 'restart')).toBeGreaterThan(0);
    }

    it('begins again when the socket is cut after text was shown', async () => {
      llm().script({ ...whole, fault: { type: 'cut', afterFrames: shown } }, whole);
      expectRestarted(await hear(await open(), ask('Count.')));
    });

    it('begins again when the stream ends without its terminal event', async () => {
      llm().script({ ...whole, fault: { type: 'eof', afterFrames: shown } }, whole);
      expectRestarted(await hear(await open(), ask('Count.')));
    });

    it('begins again when the stream holds broken JSON', async () => {
      llm().script({ ...whole, fault: { type: 'malformed', afterFrames: shown } }, whole);
      expectRestarted(await hear(await open(), ask('Count.')));
    });

    it('begins again when the vendor fails in the middle', async () => {
      llm().script(
        { ...whole, fault: { type: 'stream_error', afterFrames: shown, message: 'oh no' } },
        whole,
      );
      expectRestarted(await hear(await open(), ask('Count.')));
    });

    it('begins again when the stream stalls, and closes the stalled one', async () => {
      llm().script({ ...whole, fault: { type: 'stall', afterFrames: shown } }, whole);
      expectRestarted(await hear(await open({ idleMs: 250 }), ask('Count.')));
      expect(await llm().requests[0]?.closed).toBe('gone');
    });

    it('keeps a call once when it begins again after it', async () => {
      const calls = [{ name: 'host__ping', arguments: '{}' }];
      const frames = { responses: 6, chat: 3, messages: 5, ollama: 1 }[subject.wire];
      llm().script({ text: 'I look. ', calls, fault: { type: 'eof', afterFrames: frames } }, { calls });
      const tools = [{ name: 'host__ping', description: 'Answers.', inputSchema: { type: 'object' } }];
      const listener = { text: () => {}, reasoning: () => {}, restart: () => {} };
      const step = await think(await open(), ask('Ping?', { tools }), {
        modelName: 'm',
        takenIds: new Set(),
        listener,
        signal: new AbortController().signal,
      });
      expect(step.message).toMatchObject({ text: '', calls: [{ name: 'host__ping', arguments: {} }] });
      expect(llm().requests).toHaveLength(2);
    });

    it('tries again without a restart when nothing was shown', async () => {
      llm().script({ fault: { type: 'stall', before: 'headers' } }, whole);
      const heard = await hear(await open({ firstEventMs: 250 }), ask('Count.'));
      expect(heard).toMatchObject({ text: 'One, two, three.', restarts: 0 });
      expect(await llm().requests[0]?.closed).toBe('gone');
    });

    it.each([
      ['eof', 'protocol', { type: 'eof', afterFrames: shown }],
      ['cut', 'network', { type: 'cut', afterFrames: shown }],
      ['malformed', 'network', { type: 'malformed', afterFrames: shown }],
      ['stall', 'timeout', { type: 'stall', afterFrames: shown }],
    ] as const)('names a lasting %s', async (_name, kind, fault) => {
      llm().script({ ...whole, fault });
      const { error, stops } = await hear(await open({ retries: 0, idleMs: 250 }), ask('Count.'));
      expect(error).toMatchObject({ kind });
      expect(stops).toEqual([]);
    });

    it('names a server that is not there', async () => {
      const provider = await open({ retries: 0 });
      await llm().close();
      const { error } = await hear(provider, ask('Say.'));
      expect(error).toMatchObject({ kind: 'network' });
      expect(error?.message).toContain('ECONNREFUSED');
    });
  });

  describe('aborted', () => {
    it('calls nobody when it is aborted before it begins', async () => {
      const heard = await hear(await open(), ask('Say.'), { signal: AbortSignal.abort() });
      expect(heard.error).toMatchObject({ kind: 'aborted' });
      expect(llm().requests).toHaveLength(0);
    });

    it('ends at once in the middle of a stream and closes its connection', async () => {
      llm().script({ ...whole, fault: { type: 'stall', afterFrames: shown } });
      const caller = new AbortController();
      let abortedAt = 0;
      const provider = await open({ idleMs: 60_000 });
      const heard = await hear(provider, ask('Count.'), {
        signal: caller.signal,
        on: () =>
          setTimeout(() => {
            abortedAt ||= performance.now();
            caller.abort();
          }, 20),
      });
      expect(performance.now() - abortedAt).toBeLessThan(20_000);
      expect(heard.error).toMatchObject({ kind: 'aborted' });
      expect(heard.restarts).toBe(0);
      expect(await llm().requests[0]?.closed).toBe('gone');
      expect(llm().requests).toHaveLength(1);
    });

    it('ends at once before the headers', async () => {
      llm().script({ fault: { type: 'stall', before: 'headers' } });
      const caller = new AbortController();
      const hearing = hear(await open(), ask('Say.'), { signal: caller.signal });
      await vi.waitFor(() => expect(llm().requests).toHaveLength(1));
      caller.abort();
      const heard = await hearing;
      expect(heard.error).toMatchObject({ kind: 'aborted' });
      expect(await llm().requests[0]?.closed).toBe('gone');
    });

    it('closes its connection when nobody listens any more', async () => {
      llm().script({ ...whole, fault: { type: 'stall', afterFrames: shown } });
      const provider = await open();
      for await (const event of provider(ask('Count.'), new AbortController().signal)) {
        if (event.type === 'text') break;
      }
      expect(await llm().requests[0]?.closed).toBe('gone');
    });
  });
}
