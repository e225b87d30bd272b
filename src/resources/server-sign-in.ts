import { z } from 'zod';
import { ConflictError } from '../chat/errors.ts';
import type { Action, ActionContext } from './definition.ts';
import { doneSchema } from './outputs.ts';

const linkSchema = z.object({
  url: z.string().describe('A private link for whoever asked: it works once.'),
  expires_at: z.string(),
});

const offered = { shownWhen: { field: 'auth', in: ['oauth_bot', 'oauth_user'] }, isRare: true } as const;

/** Sign-in to a server, and out of it. */
export const signInActions: Readonly<Record<string, Action>> = {
  connect: {
    label: 'Connect',
    help: 'Gives you a private link to sign in to it: for the bot, or for yourself where each person has an account.',
    method: 'POST',
    ...offered,
    needs: 'change',
    output: linkSchema,
    example: {
      url: 'https://bot.example.com/oauth/mcp/start?link=…',
      expires_at: '2026-12-31T12:00:00.000Z',
    },
    run: connect,
  },
  disconnect: {
    label: 'Disconnect',
    help: 'Forgets the tokens of the bot, or your own where each person has an account.',
    method: 'POST',
    ...offered,
    needs: 'change',
    output: doneSchema,
    example: { success: true, message: 'It is signed out.' },
    run: disconnect,
  },
};

async function connect({ row, world, by }: ActionContext): Promise<unknown> {
  if (row.auth !== 'oauth_bot' && row.auth !== 'oauth_user')
    throw new ConflictError('Nobody signs in to this server; choose so in its field Authorization.');
  const { url, expiresAt } = await world.signIns.link(row.id, by.author.principal).catch((error: unknown) => {
    throw new ConflictError(error instanceof Error ? error.message : String(error));
  });
  return { url, expires_at: expiresAt.toISOString() };
}

async function disconnect({ row, world, by }: ActionContext): Promise<unknown> {
  const identity = row.auth === 'oauth_user' ? by.author.principal : 'bot';
  const done = await world.signIns.disconnect(row.id, identity);
  return { success: done, message: done ? 'It is signed out.' : 'Nobody was signed in.' };
}
