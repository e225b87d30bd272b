import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Acknowledgement, Envelope } from '../../../adapters/slack/dispatch.ts';
import { createSocket, type Socket } from '../../../adapters/slack/socket.ts';
import { until } from '../../bot/stage.ts';
import { silentLog } from '../../fakes/log.ts';
import { appToken, type FakeSlack, startFakeSlack } from '../../fakes/slack/server.ts';

let slack: FakeSlack;
let sockets: Socket[];
let heard: Envelope[];
let answer: () => Acknowledgement;

beforeEach(async () => {
  slack = await startFakeSlack({ transport: 'socket', retryDelaysMs: [0, 20], ackMs: 1000 });
  heard = [];
  answer = () => ({ status: 200 });
  sockets = [open(), open()];
  await Promise.all(sockets.map((socket) => socket.start()));
});
afterEach(async () => {
  await Promise.all(sockets.map((socket) => socket.stop()));
  await slack.close();
});

function open(): Socket {
  const dispatch = async (envelope: Envelope) => {
    heard.push(envelope);
    return answer();
  };
  return createSocket({ appToken, apiUrl: `${slack.url}/api/`, dispatch, log: silentLog });
}

const event = { type: 'event_callback', event_id: 'Ev1', event: { type: 'message' } };

describe('Socket Mode', () => {
  it('gives each payload to one of the connections, and acknowledges it with what is answered', async () => {
    await until(() => slack.sockets.connections() === 2);
    expect(sockets.map((socket) => socket.isConnected())).toEqual([true, true]);
    answer = () => ({ status: 200, body: { text: 'hi' } });
    const { status, body } = await slack.sockets.command({ command: '/aiops' });
    expect({ status, body }).toEqual({ status: 200, body: { text: 'hi' } });
    expect(heard).toHaveLength(1);
  });

  it('does not acknowledge what could not be stored, so that it comes again', async () => {
    await until(() => slack.sockets.connections() === 2);
    const answers: Acknowledgement[] = [{ status: 503 }, { status: 200 }];
    answer = () => answers.shift() ?? { status: 200 };
    const tries = await slack.sockets.event(event);
    expect(tries.map(({ status }) => status)).toEqual([0, 200]);
    expect(heard.map(({ retryNum }) => retryNum)).toEqual([0, 1]);
  });

  it('comes back when Slack asks for a fresh connection, and when it is cut', async () => {
    await until(() => slack.sockets.connections() === 2);
    slack.sockets.refresh();
    await until(() => slack.sockets.connections() === 2, 15_000);
    slack.faults.add('apps.connections.open', { type: 'http', status: 502, times: 2 });
    slack.sockets.cut();
    await until(() => slack.sockets.connections() === 2, 15_000);
    expect((await slack.sockets.event(event)).at(-1)?.status).toBe(200);
  });
});
