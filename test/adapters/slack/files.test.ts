import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../adapters/slack/api.ts';
import { fileLimits } from '../../../src/chat/file-limits.ts';
import { gif, lockedPdf, pdf, png } from '../../fakes/files.ts';
import { silentLog } from '../../fakes/log.ts';
import { openSlackStage, type SlackStage } from './stage.ts';

const lastSeen = (at: SlackStage) => JSON.stringify(at.stage.llm.requests.at(-1)?.body);

/** What the model saw of a message with these files. */
async function sent(
  at: SlackStage,
  ...files: readonly (readonly [name: string, type: string, bytes: Buffer])[]
) {
  const ids = files.map(([name, mimetype, content]) => at.people.file(at.alice, { name, mimetype, content }));
  const dm = at.people.dm(at.alice);
  const { ts } = await at.people.say(at.alice, { channel: dm }, 'what is this?', { files: ids });
  await at.answers(ts, 1, dm);
  return lastSeen(at);
}

describe('files of messages in Slack', () => {
  let at: SlackStage;
  beforeAll(async () => {
    at = await openSlackStage({ reply: () => ({ text: 'I see.' }) });
  });
  afterAll(() => at.close());

  it('an image and a PDF are seen by the model', async () => {
    const report = pdf('Disk full');
    const seen = await sent(at, ['graph.png', 'image/png', png], ['report.pdf', 'application/pdf', report]);
    expect(seen).toContain(`data:image/png;base64,${png.toString('base64')}`);
    expect(seen).toContain(`data:application/pdf;base64,${report.toString('base64')}`);
    expect(seen).toContain('what is this?\\n\\n[image graph.png]\\n[PDF report.pdf]');
  });

  it('are still seen in the next turn of the thread', async () => {
    const image = at.people.file(at.alice, { name: 'dot.gif', mimetype: 'image/gif', content: gif });
    const place = { channel: at.ops };
    const { ts } = await at.people.say(at.alice, place, '<@UBOT> look', { files: [image] });
    await at.answers(ts);
    await at.people.say(at.alice, { ...place, thread: ts }, 'and now?');
    await at.answers(ts, 2);
    expect(lastSeen(at)).toContain(gif.toString('base64'));
  });

  it('one that is not what its name says, or too large, is told in a sentence', async () => {
    const large = Buffer.concat([png, Buffer.alloc(fileLimits.imageBytes)]);
    const seen = await sent(
      at,
      ['fake.png', 'image/png', Buffer.from('MZ')],
      ['large.png', 'image/png', large],
      ['photo.heic', 'image/heic', Buffer.from('heic')],
    );
    expect(seen).toContain(
      'The file fake.png was not taken: it is no PNG, JPEG, GIF or WebP image and no PDF.',
    );
    expect(seen).toContain('The file large.png was not taken: it has 5.1 MB, and an image may have 5 MB.');
    expect(seen).toContain('File photo.heic (image/heic, 4 bytes): its contents are not read.');
    expect(seen).not.toContain('base64');
  });

  it('a PDF behind a password goes on to the vendor, who knows what to say of it', async () => {
    expect(await sent(at, ['pay.pdf', 'application/pdf', lockedPdf('x')])).toContain('[PDF pay.pdf]');
  });

  it('more than five are counted', async () => {
    const many = Array.from({ length: 7 }, (_, n) => [`g${n}.gif`, 'image/gif', gif] as const);
    const seen = await sent(at, ...many);
    expect(seen.match(/data:image\/gif/g)).toHaveLength(5);
    expect(seen).toContain('2 more files are not read.');
  });

  it('of an app without files:read are missed, and it is said why', async () => {
    at.slack.scopes.delete('files:read');
    const log = ['a.log', 'text/plain', Buffer.from('ENOSPC')] as const;
    const seen = await sent(at, ['graph.png', 'image/png', png], log);
    at.slack.scopes.add('files:read');
    expect(seen).toContain(
      'File graph.png (image/png, 70 bytes): the bot may not read it (the app needs files:read).',
    );
    expect(seen).toContain('File a.log (text/plain, 6 bytes): the bot may not read it');
    expect(seen).not.toContain('[image');
  });
});

describe('the token', () => {
  /** A server that notes what it is told of who asks, and answers so. */
  async function host(answer: (path: string) => { readonly status: number; readonly location?: string }) {
    const tokens: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      tokens.push(request.headers.authorization);
      const { status, location } = answer(request.url ?? '');
      response.writeHead(status, location === undefined ? {} : { location }).end('bytes');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { url: `http://127.0.0.1:${port}`, tokens, close: () => server.close() };
  }

  it('goes to Slack alone, wherever a file is said to be or moved to', async () => {
    const elsewhere = await host(() => ({ status: 200 }));
    const slack = await host((path) =>
      path === '/ok' ? { status: 200 } : { status: 302, location: path === '/moved' ? '/ok' : elsewhere.url },
    );
    const installation = { team: 'T1', botToken: 'xoxb-1', botUser: 'U1', botId: 'B1' };
    const api = createApi({
      installations: { of: async () => installation, teams: async () => ['T1'] },
      apiUrl: `${slack.url}/api/`,
      clock: { now: () => Date.now() },
      log: silentLog,
    });
    expect(await (await api.fetch('T1', `${slack.url}/moved`, {})).text()).toBe('bytes');
    const foreign = expect.objectContaining({ code: 'foreign_host' });
    await expect(api.fetch('T1', `${slack.url}/away`, {})).rejects.toEqual(foreign);
    for (const url of [elsewhere.url, 'https://slack.com.evil.test/x', 'http://files.slack.com/x', ''])
      await expect(api.fetch('T1', url, {})).rejects.toEqual(foreign);
    expect(elsewhere.tokens).toEqual([]);
    expect(slack.tokens).toEqual(['Bearer xoxb-1', 'Bearer xoxb-1', 'Bearer xoxb-1']);
    elsewhere.close();
    slack.close();
  });
});
