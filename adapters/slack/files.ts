import { textOf } from '../../src/chat/json.ts';
import type { SlackApi } from './api.ts';
import { SlackCallError } from './call-error.ts';
import type { SlackThread } from './thread-id.ts';

export interface Upload {
  readonly name: string;
  readonly content: string;
  readonly signal: AbortSignal;
}

/** Brings a text as a file into a thread. Throws `SlackCallError`. */
export async function uploadFile(api: SlackApi, place: SlackThread, upload: Upload): Promise<void> {
  const { name, signal } = upload;
  const bytes = Buffer.from(upload.content === '' ? ' ' : upload.content);
  const options = { signal, patienceMs: 3000 };
  const ticket = await api.call(
    place.team,
    'files.getUploadURLExternal',
    { filename: name, length: bytes.length },
    options,
  );
  const response = await api
    .fetch(place.team, textOf(ticket.upload_url), { method: 'POST', body: bytes, signal })
    .catch((error: unknown) => {
      throw new SlackCallError('files.upload', 'network', { isRefused: true, cause: error });
    });
  if (!response.ok) throw new SlackCallError('files.upload', 'http', { isRefused: true });
  const files = [{ id: textOf(ticket.file_id), title: name }];
  const target = { channel_id: place.channel, thread_ts: place.ts };
  await api.call(place.team, 'files.completeUploadExternal', { files, ...target }, options);
}
