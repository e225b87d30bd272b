import { z } from 'zod';
import type { Administration } from '../../src/chat/admin/administration.ts';
import type { SentForm } from '../../src/chat/admin/sent-forms.ts';
import type { DeskCaller } from '../../src/chat/desk.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import type { Identity } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import { sentenceOf } from '../../src/chat/sentence.ts';
import { parseJson } from './body.ts';
import type { Guard } from './guard.ts';
import { API, slashed } from './paths.ts';
import { json, type Problems } from './problems.ts';

export interface CommandRoutesOptions {
  readonly administration: Administration;
  readonly guard: Guard;
  readonly problems: Problems;
}

const bodyLimitBytes = 512 * 1024;

const asked = z.strictObject({
  path: z.string().max(100),
  id: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
});
const lineBody = z.strictObject({ line: z.string().max(20_000) });
const referencesBody = z.strictObject({ words: z.string().max(512) });
const openBody = z.strictObject({ asked });
const sentBody = z.strictObject({
  asked,
  values: z.record(z.string(), z.json()),
  revision: z.string().max(100).optional(),
  seen: z.string().max(100).optional(),
});

/**
 * The console's command line, with the words of all platforms: `POST command/` runs a line, and `open/`,
 * `try/` and `send/` below it are about the forms that answers ask for, `references/` about their secrets.
 */
export function commandRoutes({ administration, guard, problems }: CommandRoutesOptions): readonly Route[] {
  type Work<T> = (body: T, by: DeskCaller) => Promise<object>;

  function route<T>(path: string, schema: z.ZodType<T>, work: Work<T>): readonly Route[] {
    const handle = guard.around((request, identity) => answered(request, identity, { schema, work }));
    return slashed({ method: 'POST', path: `${API}/${path}`, bodyLimitBytes, handle });
  }

  async function answered<T>(
    request: RouteRequest,
    identity: Identity,
    { schema, work }: { readonly schema: z.ZodType<T>; readonly work: Work<T> },
  ): Promise<RouteResponse> {
    const body = parseJson(request.body);
    const read = schema.safeParse(body.value);
    if (!body.ok || !read.success)
      return problems.refuse({ status: 400, code: 'bad_json', detail: 'This is not what belongs here.' });
    try {
      return json(200, await work(read.data, callerOf(identity)));
    } catch (error) {
      const sentence = error instanceof InvalidError ? undefined : sentenceOf(error);
      if (sentence === undefined) throw error;
      return problems.refuse({ status: 409, code: 'refused', detail: sentence });
    }
  }

  return [
    ...route('command', lineBody, async ({ line }, by) => ({
      answer: (await administration.run(line, by)) ?? null,
    })),
    ...route(
      'command/open',
      openBody,
      async (body, by) => await administration.open(askedOf(body.asked), by),
    ),
    ...route('command/references', referencesBody, async ({ words }, by) => ({
      references: await administration.references(words, by),
    })),
    ...route('command/try', sentBody, async (body, by) => await administration.tryOut(sentOf(body), by)),
    ...route('command/send', sentBody, async (body, by) => await administration.send(sentOf(body), by)),
  ];
}

function callerOf({ author, permissions, via }: Identity): DeskCaller {
  return { author, permissions, source: via === 'session' ? 'console' : 'rest' };
}

function askedOf({ path, id, action }: z.infer<typeof asked>): SentForm['asked'] {
  return { path, ...(id === undefined ? {} : { id }), ...(action === undefined ? {} : { action }) };
}

function sentOf({ asked: which, values, revision, seen }: z.infer<typeof sentBody>): SentForm {
  return {
    asked: askedOf(which),
    values,
    ...(revision === undefined ? {} : { revision }),
    ...(seen === undefined ? {} : { seen }),
  };
}
