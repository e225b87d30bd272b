import { describe, expect, it } from 'vitest';
import type { Person } from '../../../adapters/teams/context.ts';
import { createDispatch, type Dispatch, invokeNames } from '../../../adapters/teams/dispatch.ts';
import { ForbiddenError, UnavailableError } from '../../../src/chat/errors.ts';
import { recordingLog } from '../../fakes/recording-log.ts';
import { record } from '../../fakes/teams/json.ts';

const conversation = { tenant: 't', id: 'a:1' };
const person: Person = {
  tenant: 't',
  aadObjectId: 'o',
  userId: '29:o',
  author: { principal: 'teams:t:o', name: 'Alice' },
  permissions: new Set(['chat']),
  source: 'teams',
};

function open(known: Person | 'nobody' | Error = person, answerWithinMs = 4000): Dispatch {
  const personOf = async () => {
    if (known instanceof Error) throw known;
    return known === 'nobody' ? undefined : known;
  };
  return createDispatch({ personOf, log: recordingLog().log, answerWithinMs });
}

const invoke = (name: string, value: unknown = {}) => ({
  conversation,
  activity: { type: 'invoke', name, value },
});

describe('an invoke', () => {
  it('goes to its handler with who did it, and what came with it', async () => {
    const dispatch = open();
    dispatch.onInvoke('task/submit', async ({ person: by, value, name }) => ({
      status: 200,
      body: { by: by.author.name, value, name },
    }));
    expect(await dispatch.invoke(invoke('task/submit', { a: 1 }))).toEqual({
      status: 200,
      body: { by: 'Alice', value: { a: 1 }, name: 'task/submit' },
    });
  });

  it.each(invokeNames)('%s is answered though its handler fails, and says nothing of why', async (name) => {
    const dispatch = open();
    dispatch.onInvoke(name, async () => {
      throw new Error('password=swordfish');
    });
    const { status, body } = await dispatch.invoke(invoke(name));
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('swordfish');
  });

  it('tells people what they can do something about', async () => {
    const dispatch = open();
    for (const name of ['adaptiveCard/action', 'task/fetch'] as const)
      dispatch.onInvoke(name, async () => {
        throw new ForbiddenError('You may not do that.');
      });
    expect(await dispatch.invoke(invoke('adaptiveCard/action'))).toEqual({
      status: 200,
      body: {
        statusCode: 400,
        type: 'application/vnd.microsoft.error',
        value: { code: 'Refused', message: 'You may not do that.' },
      },
    });
    expect(await dispatch.invoke(invoke('task/fetch'))).toEqual({
      status: 200,
      body: { task: { type: 'message', value: 'You may not do that.' } },
    });
  });

  it('is answered in time, and its handler is told that it is over', async () => {
    const dispatch = open(person, 20);
    const aborted = Promise.withResolvers<void>();
    dispatch.onInvoke('adaptiveCard/action', async ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      await aborted.promise;
      return { status: 200, body: { late: true } };
    });
    const { status, body } = await dispatch.invoke(invoke('adaptiveCard/action'));
    expect(status).toBe(200);
    expect(String(record(body).value)).toContain('takes longer');
    await aborted.promise;
  });

  it('that opens a dialog says to press again when its time is over: nothing else can open it', async () => {
    const dispatch = open(person, 20);
    const forever = Promise.withResolvers<never>();
    for (const name of ['task/fetch', 'task/submit'] as const) dispatch.onInvoke(name, () => forever.promise);
    expect(JSON.stringify(await dispatch.invoke(invoke('task/fetch')))).toContain('Press it again');
    expect(JSON.stringify(await dispatch.invoke(invoke('task/submit')))).toContain('I go on');
  });

  it('is answered in time also when what must come first takes too long or fails', async () => {
    const dispatch = open(person, 20);
    const handled: string[] = [];
    dispatch.onInvoke('task/submit', async () => {
      handled.push('submit');
      return { status: 200, body: { done: true } };
    });
    const forever = Promise.withResolvers<void>().promise;
    expect(JSON.stringify(await dispatch.invoke(invoke('task/submit'), forever))).toContain('takes longer');
    const away = Promise.reject(new UnavailableError('The database is away.'));
    expect(JSON.stringify(await dispatch.invoke(invoke('task/submit'), away))).toContain('is away');
    expect(handled).toEqual([]);
    expect(await dispatch.invoke(invoke('task/submit'), Promise.resolve())).toMatchObject({
      body: { done: true },
    });
  });

  it('of nobody, of no known name, and of one without a handler is answered too', async () => {
    const dispatch = open('nobody');
    dispatch.onInvoke('task/fetch', async () => ({ status: 200, body: { secret: true } }));
    expect(JSON.stringify(await dispatch.invoke(invoke('task/fetch')))).toContain('who you are');
    expect(await dispatch.invoke(invoke('composeExtension/query'))).toEqual({ status: 501 });
    expect(await dispatch.invoke(invoke('task/submit'))).toEqual({ status: 501 });
    const away = open(new UnavailableError('The database is away.'));
    away.onInvoke('task/fetch', async () => ({ status: 200 }));
    expect(JSON.stringify(await away.invoke(invoke('task/fetch')))).toContain('The database is away.');
  });
});

describe('an event', () => {
  it('goes to all that listen, in their order; strange types go nowhere', async () => {
    const dispatch = open();
    const heard: string[] = [];
    dispatch.on('message', async () => void heard.push('one'));
    dispatch.on('message', async () => void heard.push('two'));
    await dispatch.event({ conversation, activity: { type: 'message', text: 'Hi' } });
    await dispatch.event({ conversation, activity: { type: 'trace' } });
    expect(heard).toEqual(['one', 'two']);
  });

  it('that is a card’s submit is no word', async () => {
    const dispatch = open();
    const heard: unknown[] = [];
    dispatch.on('message', async () => void heard.push('words'));
    dispatch.onSubmit(async ({ value }) => void heard.push(value));
    await dispatch.event({ conversation, activity: { type: 'message', value: { verb: 'x' } } });
    await dispatch.event({ conversation, activity: { type: 'message', value: { verb: 'x' }, text: 'Hi' } });
    expect(heard).toEqual([{ verb: 'x' }, 'words']);
  });

  it('that cannot be stored is not acknowledged', async () => {
    const dispatch = open();
    dispatch.on('message', async () => {
      throw new UnavailableError('away');
    });
    await expect(dispatch.event({ conversation, activity: { type: 'message', text: 'x' } })).rejects.toThrow(
      UnavailableError,
    );
  });
});
