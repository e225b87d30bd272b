import type { AdminAnswer, AskedForm, Sent } from '../../../../src/chat/admin/answer.ts';
import type { OpenForm } from '../../../../src/chat/admin/sent-forms.ts';
import type { FormValues } from '../../../../src/chat/desk.ts';
import type { Choice } from '../../../../src/chat/form.ts';
import { postJson } from '../api.ts';

export type { AdminAnswer, AskedForm, FormValues, OpenForm, Sent };

/** A form as it is sent. */
export interface Sending {
  readonly asked: AskedForm;
  readonly values: FormValues;
  readonly revision?: string | undefined;
  readonly seen?: string | undefined;
}

/** Null: the line is about nothing that is managed. */
export async function runLine(line: string): Promise<AdminAnswer | null> {
  return (await postJson<{ readonly answer: AdminAnswer | null }>('command/', { line })).answer;
}

export const openForm = (asked: AskedForm) => postJson<OpenForm>('command/open/', { asked });

export const tryForm = (sending: Sending) =>
  postJson<{ readonly ok: boolean; readonly message: string }>('command/try/', sending);

export const sendForm = (sending: Sending) => postJson<Sent>('command/send/', sending);

/** References to secrets that hold these words, never a secret. Refused to who manages nothing that has one. */
export async function readReferences(words: string): Promise<readonly Choice[]> {
  return (await postJson<{ readonly references: readonly Choice[] }>('command/references/', { words }))
    .references;
}
