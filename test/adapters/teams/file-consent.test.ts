import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TeamsApi } from '../../../adapters/teams/api.ts';
import type { Invoke } from '../../../adapters/teams/dispatch.ts';
import { createFileConsent } from '../../../adapters/teams/file-consent.ts';
import { keepFile, keptFile } from '../../../adapters/teams/files.ts';
import { encodeThreadId } from '../../../adapters/teams/thread-id.ts';
import { silentLog } from '../../fakes/log.ts';
import { openParts, type Parts } from './parts.ts';

let at: Parts;
beforeEach(async () => {
  at = await openParts();
});
afterEach(async () => await at.close());

/** The adapter's own calls, but what is uploaded goes where the test says. */
function consent(fetch: TeamsApi['fetch']) {
  const api = { ...at.process().api, fetch };
  return createFileConsent({ api, memory: at.memory, log: silentLog });
}

function invoke(action: string): Invoke {
  return {
    name: 'fileConsent/invoke',
    conversation: at.personal,
    activity: {},
    signal: new AbortController().signal,
    value: { action, context: { fileId: 'f1' }, uploadInfo: { uploadUrl: 'https://files.example.com/1' } },
    person: {
      tenant: at.personal.tenant,
      aadObjectId: at.alice.aadObjectId,
      userId: at.alice.id,
      author: { principal: 'teams:t:alice', name: 'Alice' },
      permissions: new Set(['chat']),
      source: 'teams',
    },
  };
}

const keep = () =>
  keepFile(at.memory, 'f1', {
    name: 'log.txt',
    content: 'a line',
    threadId: encodeThreadId(at.personal),
  });

it('keeps a file until it stands where it belongs, so that a process that ends meanwhile loses nothing', async () => {
  await keep();
  const kept: unknown[] = [];
  const files = consent(async () => {
    kept.push((await keptFile(at.memory, 'f1'))?.content);
    return new Response(null, { status: 201 });
  });
  await files.answered(invoke('accept'));
  expect(kept).toEqual(['a line']);
  expect(await keptFile(at.memory, 'f1')).toBeUndefined();
  // The double has no such upload, and takes no card for it: words say the same.
  const said = JSON.stringify(at.heard(at.personal).map(({ activity }) => activity));
  expect(said).toContain('log.txt is in your OneDrive now.');
  expect(said).not.toContain('could not be saved');
});

it('uploads once though accepted twice at once', async () => {
  await keep();
  const { promise, resolve } = Promise.withResolvers<Response>();
  const uploads: string[] = [];
  const files = consent((_place, url) => {
    uploads.push(url);
    return promise;
  });
  const first = files.answered(invoke('accept'));
  await expect.poll(() => uploads.length).toBe(1);
  await files.answered(invoke('accept'));
  resolve(new Response(null, { status: 201 }));
  await first;
  expect(uploads).toHaveLength(1);
});

it('offers a file again that could not be saved', async () => {
  await keep();
  await consent(async () => new Response(null, { status: 507 })).answered(invoke('accept'));
  expect((await keptFile(at.memory, 'f1'))?.content).toBe('a line');
  const said = JSON.stringify(at.heard(at.personal).map(({ activity }) => activity));
  expect(said).toContain('could not be saved');
  expect(said).toContain('file.consent');
});

it('forgets a file that nobody wants', async () => {
  await keep();
  await consent(async () => new Response(null)).answered(invoke('decline'));
  expect(await keptFile(at.memory, 'f1')).toBeUndefined();
});
