import type { Form } from '../../src/chat/form.ts';
import { type Json, records } from '../../src/chat/json.ts';
import type { ApprovalCard } from '../../src/chat/reply.ts';
import { formView } from './forms.ts';
import { escaped } from './safe-text.ts';

const longestResponse = 3000;

/** The modal with the arguments of a call, which is approved with what stands there. */
export function editView({ tool }: ApprovalCard, form: Form, place: string): Json {
  const view = formView(form, { path: '', channel: '' });
  const words = `*\`${escaped(tool)}\`* runs once, with exactly what stands here.`;
  const blocks = [section(words), ...records(view.blocks)].slice(0, 100);
  return { ...view, callback_id: 'approval_edit', private_metadata: place, blocks };
}

/** The modal for the words that become the result of a call. */
export function respondView({ tool }: ApprovalCard, place: string): Json {
  return {
    type: 'modal',
    callback_id: 'approval_respond',
    private_metadata: place,
    title: { type: 'plain_text', text: 'Respond' },
    submit: { type: 'plain_text', text: 'Respond' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      section(`*\`${escaped(tool)}\`* will not run: the model gets your words in place of its result.`),
      {
        type: 'input',
        block_id: 'message',
        label: { type: 'plain_text', text: 'Your words' },
        element: {
          type: 'plain_text_input',
          action_id: 'message',
          multiline: true,
          max_length: longestResponse,
        },
      },
    ],
  };
}

function section(text: string): Json {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 2900) } };
}
