import { LLMock } from '@copilotkit/aimock';

/** A model server that answers "Noted.", at once or when it is let, and remembers what it was told. */
export interface NotingModel {
  /** The variables that make a bot use it. */
  readonly env: Readonly<Record<string, string>>;
  /** What people said, in the order in which the model was told of it the last time. */
  told(): readonly string[];
  /** Its answers wait from now on, until the returned function is called. */
  hold(): () => void;
  stop(): Promise<void>;
}

export async function startNotingModel(): Promise<NotingModel> {
  let open: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  let told: readonly string[] = [];
  const mock = new LLMock({ port: 0, latency: 0 });
  mock.onMessage(/.*/s, async ({ messages }) => {
    told = messages.flatMap(({ role, content }) => (role === 'user' ? [String(content)] : []));
    await held;
    return { content: 'Noted.' };
  });
  await mock.start();
  return {
    env: { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: `${mock.url}/v1`, OPENAI_API: 'chat' },
    told: () => told,
    hold() {
      held = new Promise((resolve) => {
        open = resolve;
      });
      return () => open();
    },
    stop() {
      open();
      return mock.stop();
    },
  };
}
