import { randomUUID } from 'node:crypto';
import { fileConsentCard } from './activities.ts';
import { arrivalOf } from './arrivals.ts';
import type { Delivered } from './delivery.ts';
import { type Json, record, records, text } from './json.ts';
import type { FakeTeams } from './server.ts';
import { conversationAt, type TeamsMessage, type TeamsUser, type Upload } from './state.ts';

export interface GivenFile {
  readonly name: string;
  readonly type: string;
  readonly content: string | Buffer;
}

/** Files that people attach, and those that they are offered. */
export interface Sharing {
  /** An attachment of a personal chat, whose bytes are behind an address that is open for five minutes. */
  file(file: GivenFile): Json;
  /** A picture within a message, whose bytes are behind the connector. */
  image(file: GivenFile): Json;
  /** Accepts or declines the file that a message offers; accepted, there is an upload for the bot. */
  consent(user: TeamsUser, message: TeamsMessage, choice: 'accept' | 'decline'): Promise<Consented>;
}

export interface Consented {
  readonly delivered: Delivered;
  readonly upload: Upload | undefined;
}

const OPEN_MS = 300_000;

export function sharing(teams: FakeTeams): Sharing {
  const { tenant, delivery } = teams;

  function keep({ name, type, content }: GivenFile, access: 'address' | 'token'): string {
    const id = randomUUID();
    const until = tenant.now() + OPEN_MS;
    const way = access === 'token' ? { kind: access } : { kind: access, until };
    tenant.files.set(id, { id, name, type, bytes: Buffer.from(content), access: way });
    return id;
  }

  function promised(name: string, user: TeamsUser): Upload {
    const id = randomUUID();
    const upload: Upload = { id, name, person: user.id, bytes: Buffer.alloc(0), isComplete: false };
    tenant.uploads.set(id, upload);
    return upload;
  }

  return {
    file(given) {
      const id = keep(given, 'address');
      const fileType = given.name.split('.').at(-1) ?? '';
      return {
        contentType: 'application/vnd.microsoft.teams.file.download.info',
        contentUrl: `https://acme-my.sharepoint.com/personal/documents/${encodeURIComponent(given.name)}`,
        name: given.name,
        content: { downloadUrl: `${teams.url}/files/${id}`, uniqueId: id, fileType },
      };
    },
    image: (given) => ({
      contentType: 'image/*',
      contentUrl: `${teams.serviceUrl()}v3/attachments/${keep(given, 'token')}/views/original`,
    }),
    async consent(user, message, choice) {
      const offer = records(message.activity.attachments).find(
        (attachment) => attachment.contentType === fileConsentCard,
      );
      if (offer === undefined) throw new Error('the message offers no file');
      if (conversationAt(tenant, message.conversation)?.members.has(user.id) !== true)
        throw new Error(`${user.name} does not see the offer`);
      const upload = choice === 'accept' ? promised(text(offer.name), user) : undefined;
      const content = record(offer.content);
      const more = {
        name: 'fileConsent/invoke',
        replyToId: message.id,
        value: {
          type: 'fileUpload',
          action: choice,
          context: choice === 'accept' ? content.acceptContext : content.declineContext,
          ...(upload === undefined ? {} : { uploadInfo: uploadInfo(upload) }),
        },
      };
      const { conversation } = message;
      const delivered = await delivery.invoke(arrivalOf(teams, { type: 'invoke', conversation, user, more }));
      return { delivered, upload };
    },
  };

  function uploadInfo({ id, name }: Upload): Json {
    return {
      contentUrl: `https://acme-my.sharepoint.com/personal/documents/${encodeURIComponent(name)}`,
      name,
      uploadUrl: `${teams.url}/upload/${id}`,
      uniqueId: id,
      fileType: name.split('.').at(-1) ?? '',
    };
  }
}
