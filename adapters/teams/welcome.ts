import type { Json } from '../../src/chat/json.ts';
import { cardMessage, cardOf, plainBlock, textBlock } from './card-parts.ts';
import { renderMarkdown } from './render.ts';

/** Words to begin with: what a button shows, and what it says in the person's name. */
export const starters = [
  {
    title: 'What is wrong right now?',
    message: 'Check the health of what you can see and tell me what needs attention.',
  },
  { title: 'What can you do?', message: 'help' },
  { title: 'Which tools do you have?', message: 'tools' },
] as const;

/** What the bot says when it is installed. In groups and channels it hears only those who mention it. */
export function welcomeMessage({ isPersonal }: { readonly isPersonal: boolean }): Json {
  const how = isPersonal
    ? 'Simply write to me.'
    : 'Mention me with your question; I answer in the same thread.';
  const actions = starters.map(({ title, message }) => ({
    type: 'Action.Submit',
    title,
    data: { msteams: { type: 'imBack', value: message } },
  }));
  const body = [
    textBlock('Ask me anything about your systems', { size: 'Medium', weight: 'Bolder', style: 'heading' }),
    plainBlock(
      `${how} I look with the tools that your team has approved, and ask a person before I change anything.`,
    ),
    // One below the other: side by side narrow clients cut them.
    ...(isPersonal ? actions.map((action) => ({ type: 'ActionSet', actions: [action] })) : []),
  ];
  return cardMessage(cardOf(body), 'Ask me anything about your systems');
}

/** Something for one person alone, or an answer to a word: one message, cut where it is too long for one. */
export function privateNotice(markdown: string): Json {
  const [first = {}, ...others] = renderMarkdown(markdown);
  return others.length === 0 ? first : { ...first, text: `${String(first.text)}\n\n*There is more of it.*` };
}
