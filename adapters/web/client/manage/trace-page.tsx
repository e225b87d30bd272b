import { useCallback, useId, useState } from 'react';
import { useNavigation } from '../navigation.tsx';
import { tracePath } from '../route.ts';
import { Page } from './page.tsx';
import { Refused } from './refused.tsx';
import { readTrace } from './rest.ts';
import { TraceActivation } from './trace-activation.tsx';
import { useLoaded } from './use-loaded.ts';

/** How a turn ran, by the reference under its answer; without one, the place to write it. */
export function TracePage({ id }: { readonly id: string }) {
  return (
    <Page title="Trace">
      <p className="page-help">
        How a turn ran: its model calls and tool calls, and the layers of middleware around them. The
        reference stands under each error; <code>trace</code> in a chat shows the same.
      </p>
      <ReferenceForm id={id} />
      {id !== '' && <FoundTrace id={id} />}
    </Page>
  );
}

function ReferenceForm({ id }: { readonly id: string }) {
  const { go } = useNavigation();
  const field = useId();
  const [text, setText] = useState(id);
  return (
    <form
      className="trace-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') go(tracePath(text.trim()));
      }}
    >
      <label htmlFor={field}>Reference</label>
      <input
        id={field}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button">
        Show
      </button>
    </form>
  );
}

function FoundTrace({ id }: { readonly id: string }) {
  const load = useCallback(() => readTrace(id), [id]);
  const { value, refusal, reload } = useLoaded(load);
  if (refusal !== undefined) return <Refused sentence={refusal} onRetry={reload} />;
  if (value === undefined) return null;
  const { activations } = value;
  if (activations.length === 0) {
    return (
      <p className="nothing" role="status">
        Nothing of this turn has been written down: it is written when the turn ends or waits.
      </p>
    );
  }
  return activations.map((activation, at) => (
    <TraceActivation
      // biome-ignore lint/suspicious/noArrayIndexKey: activations are only ever added at the end
      key={at}
      activation={activation}
      title={activations.length === 1 ? 'The turn' : `Activation ${at + 1} of ${activations.length}`}
    />
  ));
}
