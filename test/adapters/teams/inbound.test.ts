import { describe, expect, it } from 'vitest';
import { editOf, heardOf, tenantsOf } from '../../../adapters/teams/inbound.ts';
import { kindOf } from '../../../adapters/teams/references.ts';
import { decoded, plainText } from '../../../adapters/teams/words.ts';

const tenant = '11111111-2222-4333-8444-555555555555';
const bot = { id: '28:bot', name: 'AI Ops' };
const alice = { id: '29:alice', name: 'Alice', aadObjectId: '33333333-3333-4333-8333-333333333333' };

/** An activity as Teams sends it, but for what is told. */
function activity(more: object = {}) {
  return {
    type: 'message',
    id: '1700000000001',
    timestamp: '2026-11-21T10:00:00.000Z',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: alice,
    recipient: bot,
    conversation: { id: 'a:chat', conversationType: 'personal', tenantId: tenant },
    channelData: { tenant: { id: tenant } },
    text: 'Hello',
    textFormat: 'plain',
    ...more,
  };
}

const channel = (id: string) => ({ id, conversationType: 'channel', isGroup: true, tenantId: tenant });
const mention = (who: { id: string; name: string }) => ({
  type: 'mention',
  mentioned: who,
  text: `<at>${who.name}</at>`,
});

describe('a message of Teams', () => {
  it('is heard with where, who and under which key', () => {
    expect(heardOf(activity())).toEqual({
      conversation: { tenant, id: 'a:chat' },
      kind: 'personal',
      isMention: false,
      userId: '29:alice',
      aadObjectId: alice.aadObjectId,
      name: 'Alice',
      id: '1700000000001',
      isReply: false,
      text: 'Hello',
      files: [],
      unread: [],
      keys: [`teams:${tenant}:a:chat:1700000000001`],
    });
  });

  it.each([
    ['the bot’s own', { from: bot }],
    ['another bot’s', { from: { id: '28:other', name: 'Other' } }],
    ['a skill’s', { from: { ...alice, role: 'skill' } }],
    ['nobody’s', { from: {} }],
    ['without an id', { id: '' }],
    ['of no conversation', { conversation: {} }],
  ])('is not heard when it is %s', (_why, more) => {
    expect(heardOf(activity(more))).toBeUndefined();
  });

  it('stands in a channel’s thread, which it may begin', () => {
    const root = channel('19:c@thread.tacv2;messageid=1700000000001');
    expect(heardOf(activity({ conversation: root }))).toMatchObject({ kind: 'channel', isReply: false });
    const reply = channel('19:c@thread.tacv2;messageid=1690000000000');
    expect(heardOf(activity({ conversation: reply }))).toMatchObject({
      isReply: true,
      conversation: { id: reply.id },
    });
    const bare = heardOf(activity({ conversation: channel('19:c@thread.tacv2') }));
    expect(bare).toMatchObject({ conversation: { id: root.id }, isReply: false });
  });

  it('loses the bot’s mention and keeps those of others as names', () => {
    const bob = { id: '29:bob', name: 'Bob &amp; Co' };
    const heard = heardOf(
      activity({
        text: '<at>AI Ops</at>&nbsp; ask <at>Bob &amp; Co</at> whether 1 &lt; 2 &amp;amp; <at>AI Ops</at>',
        entities: [mention(bot), mention(bob), mention(bot), { type: 'clientInfo' }],
      }),
    );
    expect(heard).toMatchObject({ text: 'ask @Bob & Co whether 1 < 2 &amp;', isMention: true });
  });

  it('means the bot by its id, not by its name', () => {
    const namesake = { id: '29:namesake', name: 'AI Ops' };
    const other = heardOf(activity({ text: '<at>AI Ops</at> hi', entities: [mention(namesake)] }));
    expect(other).toMatchObject({ text: '@AI Ops hi', isMention: false });
    const both = activity({
      text: '<at>AI Ops</at> ask <at id="1">AI Ops</at>',
      entities: [mention(bot), mention(namesake)],
    });
    expect(heardOf(both)).toMatchObject({ text: 'ask @AI Ops', isMention: true });
    expect(heardOf(activity({ text: '<at>AI Ops</at> hi' }))).toMatchObject({ isMention: false });
  });

  it('is of every tenant that it names', () => {
    expect(tenantsOf(activity({ channelData: { tenant: { id: 'OTHER' } } }))).toEqual([tenant, 'other']);
    expect(tenantsOf(activity({ channelData: {}, conversation: { id: 'a' } }))).toEqual([]);
  });

  it('carries the time of its edit in its key', () => {
    const update = activity({ type: 'messageUpdate', channelData: { eventType: 'editMessage' } });
    expect(editOf(update)?.keys).toEqual([
      `teams:${tenant}:a:chat:1700000000001:editMessage:2026-11-21T10:00:00.000Z`,
    ]);
    const again = editOf({ ...update, timestamp: '2026-11-21T10:01:00.000Z' });
    expect(again?.keys).not.toEqual(editOf(update)?.keys);
  });
});

describe('what comes with a message', () => {
  it('is shared files and images, and what is not read is said', () => {
    const attachments = [
      {
        contentType: 'application/vnd.microsoft.teams.file.download.info',
        name: 'log.txt',
        content: { downloadUrl: 'https://x.sharepoint.com/d?k=1', uniqueId: '1', fileType: 'txt' },
      },
      {
        contentType: 'image/*',
        contentUrl: 'https://smba.trafficmanager.net/v3/attachments/1/views/original',
      },
      { contentType: 'text/html', content: '<p>Hello</p>' },
      { contentType: 'application/vnd.microsoft.card.adaptive', content: {} },
    ];
    expect(heardOf(activity({ attachments }))).toMatchObject({
      files: [
        { name: 'log.txt', type: 'txt', url: 'https://x.sharepoint.com/d?k=1', isImage: false },
        { name: 'image', isImage: true },
      ],
      unread: ['application/vnd.microsoft.card.adaptive'],
    });
  });

  it.each([
    [
      'an entity',
      {
        text: '<quoted messageId="1"/> Why?',
        entities: [
          {
            type: 'quotedReply',
            quotedReply: { messageId: '1', senderName: 'Bob', preview: 'It &lt; fails' },
          },
        ],
      },
    ],
    [
      'html',
      {
        text: 'Why?',
        attachments: [
          {
            contentType: 'text/html',
            content:
              '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1"><strong itemprop="mri" itemid="8:x">Bob</strong><span itemprop="time"></span><p itemprop="preview">It &lt; fails</p></blockquote><p>Why?</p>',
          },
        ],
      },
    ],
    [
      'a reference',
      {
        text: 'Why?',
        attachments: [
          {
            contentType: 'messageReference',
            content: JSON.stringify({
              messagePreview: 'It < fails',
              messageSender: { user: { displayName: 'Bob' } },
            }),
          },
        ],
      },
    ],
  ])('is a quotation, told by %s', (_way, more) => {
    expect(heardOf(activity(more))).toMatchObject({ text: 'Why?', quote: { by: 'Bob', text: 'It < fails' } });
  });

  it('is no quotation of what was deleted', () => {
    const entities = [{ type: 'quotedReply', quotedReply: { preview: 'gone', isReplyDeleted: true } }];
    expect(heardOf(activity({ entities }))?.quote).toBeUndefined();
  });
});

describe('words of Teams', () => {
  it('are characters, once', () => {
    expect(decoded('&lt;b&gt; &amp;lt; &#39;x&#x27; &nbsp;| &unknown; &#1114112;')).toBe(
      "<b> &lt; 'x'  | &unknown; &#1114112;",
    );
    expect(plainText('<p>a<br/>b</p><div>c &amp; d</div>')).toBe('a\nb\nc & d');
  });

  it('stand in a place whose kind its id tells where Teams does not', () => {
    expect(kindOf('a:1', '')).toBe('personal');
    expect(kindOf('19:x@thread.tacv2;messageid=1', '')).toBe('channel');
    expect(kindOf('19:x@thread.v2', '')).toBe('group');
    expect(kindOf('19:x@thread.v2', 'groupChat')).toBe('group');
  });
});
