import { z } from 'zod';
import type { AttendInput } from '../../src/chat/bot.ts';
import { longestSnooze } from '../../src/chat/concern-words.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';
import type { Route } from '../../src/chat/route.ts';
import { parseJson } from './body.ts';
import type { WebContext } from './context.ts';
import { fieldErrors, type Parsed } from './inbound.ts';
import { API, slashed } from './paths.ts';
import { invalid, json, NOT_FOUND } from './problems.ts';
import { concernJson } from './render.ts';
import { mayRead } from './thread-id.ts';

const managesThem = 'ai_ops.change_schedule';

/**
 * `POST concerns/<id>/` acknowledges what needs attention, snoozes it or opens it again, and answers how it stands
 * then: as it was, where somebody was first or it is resolved. For all who may chat, in the threads that they can
 * read; what is told on other platforms is for whoever manages what tells of it.
 */
export function concernRoutes(context: WebContext): readonly Route[] {
  const { bot, guard, problems } = context;
  const handle = guard.around(async (request, identity) => {
    const body = parseJson(request.body);
    if (!body.ok)
      return problems.refuse({ status: 400, code: 'bad_json', detail: 'The body is not valid JSON.' });
    const said = parseAttending(body.value);
    if (!said.ok) return invalid(said.fields);
    const concernId = request.params.id ?? '';
    const { author: by, permissions } = identity;
    const isHere = (place: ThreadId) => mayRead(place, by.principal) || permissions.has(managesThem);
    const reply = (await bot.attend({ concernId, by, permissions, isHere, ...said.value }))?.reply;
    if (reply?.concern === undefined) return problems.refuse(NOT_FOUND);
    return json(200, { concern: concernJson(reply.concern) });
  }, 'chat');
  const path = `${API}/concerns/:id`;
  return slashed({ method: 'POST', path, bodyLimitBytes: 16 * 1024, isLimited: true, handle });
}

const attendBody = z.strictObject({
  verb: z.enum(['acknowledge', 'snooze', 'reopen'], 'Say "acknowledge", "snooze" or "reopen".'),
  minutes: z
    .int('Minutes are a whole number.')
    .min(1, 'Snooze for a minute at least.')
    .max(longestSnooze, 'Snooze for 43,200 minutes (30 days) at most.')
    .nullish(),
});

/** Reads what somebody says to what needs attention. */
function parseAttending(body: unknown): Parsed<Pick<AttendInput, 'verb' | 'minutes'>> {
  const parsed = attendBody.safeParse(body);
  if (!parsed.success) return { ok: false, fields: fieldErrors(parsed.error) };
  const { verb, minutes } = parsed.data;
  return { ok: true, value: { verb, ...(typeof minutes === 'number' && { minutes }) } };
}
