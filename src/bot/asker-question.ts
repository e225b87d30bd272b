import type { Need } from '../agent/tool.ts';
import type { AskerQuestion } from '../chat/bot.ts';
import type { Principal } from '../chat/inbound.ts';
import { askedForm } from './asked-form.ts';
import type { SignIns } from './port.ts';

/** What a need asks, for the eyes of the asker alone. */
export async function questionFor(
  need: Need,
  people: { readonly asker: Principal; readonly opener: Principal },
  signIns: SignIns | undefined,
): Promise<AskerQuestion> {
  const { server } = need;
  switch (need.type) {
    case 'sign_in': {
      const url = await signIns?.link(need.serverId, people);
      return { type: 'sign_in', server, ...(url === undefined ? {} : { url }) };
    }
    case 'form':
      return { type: 'form', server, message: need.message, form: askedForm(need.schema) };
    case 'link':
      return { type: 'link', server, message: need.message, url: need.url, host: new URL(need.url).host };
    default:
      return need satisfies never;
  }
}
