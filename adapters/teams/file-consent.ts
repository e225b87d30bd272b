import { isRecord, textOf } from '../../src/chat/json.ts';
import type { TeamsContext } from './context.ts';
import type { Invoke, InvokeAnswer } from './dispatch.ts';
import {
  bytesOf,
  consentMessage,
  fileMessage,
  forgetFile,
  keepFile,
  keptFile,
  type OfferedFile,
} from './files.ts';
import { encodeThreadId } from './thread-id.ts';
import { privateNotice } from './welcome.ts';

const nothing: InvokeAnswer = { status: 200, body: {} };

/** A person said whether they want a file: then it is put where Teams says, and stands in the chat. */
export function createFileConsent({ api, memory, log }: Pick<TeamsContext, 'api' | 'memory' | 'log'>) {
  /** Files on their way: who presses twice gets one. */
  const underway = new Set<string>();

  const say = (invoke: Invoke, words: string) =>
    api.attempt((call) => call.send(invoke.conversation, privateNotice(words)));

  async function answered(invoke: Invoke): Promise<InvokeAnswer> {
    const { value, conversation, activity } = invoke;
    const id = textOf(isRecord(value.context) ? value.context.fileId : '');
    const file = await keptFile(memory, id);
    // What is kept for another conversation is not for this one.
    if (file === undefined || file.threadId !== encodeThreadId(conversation)) {
      await say(invoke, 'I do not have this file any more. Ask me for it again.');
      return nothing;
    }
    const card = textOf(activity.replyToId);
    if (value.action !== 'accept') {
      await forgetFile(memory, id);
      await api.attempt((call) => call.update(conversation, card, declined(file.name)));
      return nothing;
    }
    if (underway.has(id)) return nothing;
    underway.add(id);
    await bring(invoke, id, file).finally(() => underway.delete(id));
    if (card !== '') await api.attempt((call) => call.remove(conversation, card));
    return nothing;
  }

  /** Only what stands where it belongs is forgotten. */
  async function bring(invoke: Invoke, id: string, file: OfferedFile): Promise<void> {
    const info = isRecord(invoke.value.uploadInfo) ? invoke.value.uploadInfo : {};
    try {
      await upload(invoke, textOf(info.uploadUrl), file);
    } catch (error) {
      log.warn('teams_upload_failed', { error });
      await say(invoke, `The file ${file.name} could not be saved. Here it is once more.`);
      return await offerAgain(invoke, id, file);
    }
    await forgetFile(memory, id).catch((error: unknown) => log.info('teams_file_kept', { error }));
    const shown = await api.attempt((call) =>
      call.send(invoke.conversation, fileMessage(info), { patienceMs: 3000 }),
    );
    if (shown === undefined) await say(invoke, `The file ${file.name} is in your OneDrive now.`);
  }

  async function offerAgain({ conversation }: Invoke, id: string, file: OfferedFile): Promise<void> {
    await keepFile(memory, id, file);
    await api.attempt((call) => call.send(conversation, consentMessage(id, file)));
  }

  async function upload({ conversation }: Invoke, url: string, file: OfferedFile): Promise<void> {
    const body = bytesOf(file);
    const range = `bytes 0-${body.length - 1}/${body.length}`;
    const response = await api.fetch(conversation, url, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/octet-stream', 'content-range': range },
    });
    if (!response.ok) throw new Error(`The upload was answered with HTTP ${response.status}.`);
  }

  return { answered };
}

function declined(name: string) {
  return privateNotice(`*${name.replaceAll('*', '')} was not saved, as you wished.*`);
}
