import { describe, expect, it } from 'vitest';
import { heardOf } from '../../../adapters/slack/inbound.ts';
import { plainText, wordsOf } from '../../../adapters/slack/words.ts';

const self = { botUser: 'UBOT', botId: 'BBOT' };
const body = (event: object) => ({ type: 'event_callback', event_id: 'Ev1', team_id: 'T1', event });
const said = {
  type: 'message',
  channel: 'C1',
  channel_type: 'channel',
  user: 'U1',
  ts: '1.2',
  text: 'hi <@UBOT>',
};

describe('what an event says', () => {
  it('is a person’s message, with the keys of all its deliveries', () => {
    expect(heardOf(body(said), self)).toMatchObject({
      team: 'T1',
      channel: 'C1',
      user: 'U1',
      isMention: true,
      isDirect: false,
      keys: ['slack:T1:event:Ev1', 'slack:T1:C1:1.2'],
    });
  });

  it('names the workspace of the app, not that of a guest in a shared channel', () => {
    const shared = { ...body(said), team_id: 'TOTHER', authorizations: [{ team_id: 'T1' }] };
    expect(heardOf(shared, self)?.team).toBe('T1');
  });

  it.each([
    ['the bot itself', { user: 'UBOT' }],
    ['another bot', { bot_id: 'B2' }],
    ['nobody', { user: undefined }],
    ['somebody who joins', { subtype: 'channel_join' }],
  ])('is nothing when it is of %s', (_who, more) => {
    expect(heardOf(body({ ...said, ...more }), self)).toBeUndefined();
  });

  it('is heard with files, which come with a subtype', () => {
    const file = { id: 'F1', name: 'a.log', mimetype: 'text/plain', size: 3, url_private: 'https://files/a' };
    const heard = heardOf(body({ ...said, subtype: 'file_share', files: [file] }), self);
    expect(heard?.files).toEqual([
      { id: 'F1', name: 'a.log', mimetype: 'text/plain', size: 3, url: 'https://files/a' },
    ]);
  });

  it('is an edit only when a person changed the words', () => {
    const changed = { type: 'message', subtype: 'message_changed', channel: 'C1', ts: '9.9' };
    const message = { ...said, text: 'new', edited: { ts: '9.9', user: 'U1' } };
    const edit = heardOf(body({ ...changed, message, previous_message: { text: 'old' } }), self);
    expect(edit).toMatchObject({ editedTs: '9.9', keys: ['slack:T1:C1:1.2:edited:9.9'] });
    expect(heardOf(body({ ...changed, message, previous_message: { text: 'new' } }), self)).toBeUndefined();
    const unfurled = { ...said, text: 'new' };
    expect(
      heardOf(body({ ...changed, message: unfurled, previous_message: { text: 'old' } }), self),
    ).toBeUndefined();
  });
});

describe('texts of Slack', () => {
  const names = { user: (id: string) => `name-${id}`, channel: (id: string) => `room-${id}` };

  it('read as people read them', () => {
    const text = '<@UBOT> ask <@U1> in <#C1|ops> or <#C2> about <https://x.y|the page> &lt;now&gt; <!here>';
    expect(plainText(text, names, 'UBOT')).toBe(
      'ask @name-U1 in #ops or #room-C2 about the page (https://x.y) <now> @here',
    );
  });

  it('are found in blocks and attachments of other apps as well', () => {
    const alert = {
      bot_id: 'B2',
      text: '',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Disk full' } }],
      attachments: [{ title: 'node7', fields: [{ title: 'severity', value: 'page' }] }],
    };
    expect(wordsOf(alert)).toBe('Disk full\nnode7\nseverity: page');
  });
});
