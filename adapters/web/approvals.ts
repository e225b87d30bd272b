import type { Decision } from '../../src/chat/bot.ts';
import type { Identity } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import { parseJson } from './body.ts';
import type { WebContext } from './context.ts';
import { parseDecision } from './inbound.ts';
import { API, slashed } from './paths.ts';
import { invalid, json, NOT_FOUND } from './problems.ts';
import { approvalJson } from './render.ts';
import { decodeThreadId } from './thread-id.ts';

/** `POST approvals/<id>/`: decides, or answers 409 with what was decided before. */
export function approvalRoutes(context: WebContext): readonly Route[] {
  const handle = context.guard.around((request, identity) => decide(context, request, identity), 'approve');
  return slashed({ method: 'POST', path: `${API}/approvals/:id`, bodyLimitBytes: 64 * 1024, handle });
}

async function decide(
  context: WebContext,
  request: RouteRequest,
  identity: Identity,
): Promise<RouteResponse> {
  const { bot, problems } = context;
  const body = parseJson(request.body);
  if (!body.ok)
    return problems.refuse({ status: 400, code: 'bad_json', detail: 'The body is not valid JSON.' });
  const wanted = parseDecision(body.value);
  if (!wanted.ok) return invalid(wanted.fields);
  const approvalId = request.params.id ?? '';
  const outcome = await bot.decide({ approvalId, by: identity.author, ...wanted.value });
  if (!outcome) return problems.refuse(NOT_FOUND);
  const fields = outcomeJson(outcome, identity);
  if (outcome.decided) return json(200, fields);
  const detail = `This approval is no longer open: it is ${outcome.approval.state}.`;
  return problems.refuse({ status: 409, code: 'already_decided', detail, extra: fields });
}

/** The thread is named only to its owner: nobody else could use its short id. */
function outcomeJson(outcome: Decision, identity: Identity): Readonly<Record<string, unknown>> {
  const thread = decodeThreadId(outcome.threadId);
  const isOwn = thread?.principal === identity.author.principal;
  return {
    approval: approvalJson(outcome.approval),
    turn_id: outcome.turnId,
    ...(thread && isOwn && { thread_id: thread.id }),
  };
}
