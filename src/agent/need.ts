import { canonicalJson } from './json.ts';
import type { Need, NeedAnswer } from './tool.ts';

/** How often one call may ask its asker for something. */
const maxNeeds = 10;
/** How often somebody signs in for one call before it is given up. */
const maxSignIns = 3;

/** Whether two needs ask for the same. */
export function isSameNeed(one: Need, other: Need): boolean {
  if (one.type === 'sign_in') return other.type === 'sign_in' && one.serverId === other.serverId;
  return canonicalJson(one) === canonicalJson(other);
}

/**
 * Why the asker is not asked for this, as a sentence for the model: they said no, they did not answer,
 * or the call has asked too often. Undefined when they are to be asked.
 */
export function needText(need: Need, answers: readonly NeedAnswer[]): string | undefined {
  const same = answers.filter((answer) => isSameNeed(answer.need, need));
  const last = same.at(-1);
  if (last !== undefined && last.action !== 'accept') return refusalText(need, last.action);
  if (need.type === 'sign_in' && same.length >= maxSignIns)
    return `the person signed in to ${need.server} ${maxSignIns} times, and it still asks for it. Tell them to ask an administrator.`;
  if (answers.length >= maxNeeds)
    return `the call asked the person for something ${maxNeeds} times and was given up. Tell them.`;
  return undefined;
}

function refusalText({ type, server }: Need, action: 'decline' | 'cancel'): string {
  const word = action === 'decline' ? 'did not want to' : 'did not, in time,';
  switch (type) {
    case 'sign_in':
      return `the person ${word} sign in to ${server}. Do not try it again unless asked to.`;
    case 'form':
      return `the person ${word} fill in what ${server} asked for. Do not try it again unless asked to.`;
    case 'link':
      return `the person ${word} open the page that ${server} asked for. Do not try it again unless asked to.`;
    default:
      return type satisfies never;
  }
}
