import type { ApprovalView, Decision } from '../../src/chat/bot.ts';
import type { Identity } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import { parseJson } from './body.ts';
import type { WebContext } from './context.ts';
import type { ApprovalViewJson } from './events.ts';
import { parseDecision } from './inbound.ts';
import { API, slashed } from './paths.ts';
import { invalid, json, NOT_FOUND } from './problems.ts';
import { approvalJson } from './render.ts';
import { decodeThreadId } from './thread-id.ts';

const APPROVALS_LISTED = 100;

/**
 * `GET approvals/` lists what waits, `GET approvals/<id>/` shows one, and `POST approvals/<id>/` decides,
 * or answers 409 with what was decided before. Approvals are for all who may approve, whoever asked; what
 * only the asker can give is for the asker.
 */
export function approvalRoutes(context: WebContext): readonly Route[] {
  const { bot, guard, problems } = context;

  const list = guard.around(async (request, identity) => {
    const mayApprove = identity.permissions.has('approve');
    if (!mayApprove && !identity.permissions.has('chat'))
      return guard.refusal(identity, 'approve', request) ?? problems.refuse(NOT_FOUND);
    const pending = await bot.pendingApprovals(identity.author, APPROVALS_LISTED);
    const shown = pending.filter((view) => mayApprove || isForAsker(view));
    return json(200, { approvals: shown.map((view) => viewJson(view, identity)) });
  });

  const read = guard.around(async (request, identity) => {
    const view = await bot.approval(request.params.id ?? '', identity.author);
    const refused = refusal(context, { view, identity, request });
    if (refused) return refused;
    if (!view) return problems.refuse(NOT_FOUND);
    return json(200, { approval: viewJson(view, identity), ...placeJson(view, identity) });
  });

  const handle = guard.around(async (request, identity) => {
    const view = await bot.approval(request.params.id ?? '', identity.author);
    return refusal(context, { view, identity, request }) ?? (await decide(context, request, identity));
  });

  const one = `${API}/approvals/:id`;
  return [
    ...slashed({ method: 'GET', path: `${API}/approvals`, isLimited: true, handle: list }),
    ...slashed({ method: 'GET', path: one, isLimited: true, handle: read }),
    ...slashed({ method: 'POST', path: one, bodyLimitBytes: 64 * 1024, isLimited: true, handle }),
  ];
}

interface Look {
  readonly view: ApprovalView | undefined;
  readonly identity: Identity;
  readonly request: RouteRequest;
}

/** Nobody without the permission learns which approvals there are. */
function refusal({ guard }: WebContext, { view, identity, request }: Look): RouteResponse | undefined {
  return view && isForAsker(view) ? undefined : guard.refusal(identity, 'approve', request);
}

/** Only this caller can give it. */
function isForAsker({ approval, isAsker = false }: ApprovalView): boolean {
  return isAsker && approval.kind !== undefined && approval.kind !== 'approval';
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
  const { author: by, permissions } = identity;
  const outcome = await bot.decide({ approvalId, by, permissions, ...wanted.value });
  if (!outcome) return problems.refuse(NOT_FOUND);
  const fields = { approval: approvalJson(outcome.approval), ...placeJson(outcome, identity) };
  if (outcome.decided) return json(200, fields);
  const detail = `This approval is no longer open: it is ${outcome.approval.state}.`;
  return problems.refuse({ status: 409, code: 'already_decided', detail, extra: fields });
}

function viewJson(view: ApprovalView, identity: Identity): ApprovalViewJson {
  const { approval, mayDecide, question, editing } = view;
  return {
    ...approvalJson(approval),
    may_decide: mayDecide,
    ...(question && { question }),
    ...(editing && { editing }),
    ...placeJson(view, identity),
  };
}

/** The thread is named only to its owner: nobody else could use its short id. */
function placeJson(
  { threadId, turnId }: Pick<Decision, 'threadId' | 'turnId'>,
  identity: Identity,
): Pick<ApprovalViewJson, 'turn_id' | 'thread_id'> {
  const thread = decodeThreadId(threadId);
  const isOwn = thread?.principal === identity.author.principal;
  return { turn_id: turnId, ...(thread && isOwn && { thread_id: thread.id }) };
}
