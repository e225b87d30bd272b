import { useRef, useState } from 'react';
import { ApiError, type Attending, attend, type ConcernJson } from '../api.ts';
import { whenExpires } from '../when-expires.ts';

const SNOOZES = [
  { minutes: 60, label: '1 hour' },
  { minutes: 240, label: '4 hours' },
  { minutes: 1440, label: '1 day' },
  { minutes: 10_080, label: '1 week' },
] as const;

/** What can be done about something that needs attention, and who did what. */
export function Concern({ concern }: { readonly concern: ConcernJson }) {
  const group = useRef<HTMLFieldSetElement>(null);
  const [said, setSaid] = useState<{ readonly before: ConcernJson; readonly now: ConcernJson }>();
  const [refusal, setRefusal] = useState<string>();
  const [isSending, setSending] = useState(false);
  // What is read anew knows it better.
  const shown = said?.before === concern ? said.now : concern;

  async function say(attending: Attending): Promise<void> {
    setSending(true);
    setRefusal(undefined);
    try {
      setSaid({ before: concern, now: await attend(concern.id, attending) });
      group.current?.focus();
    } catch (error) {
      setRefusal(error instanceof ApiError ? error.message : 'The bot cannot be reached. Try again.');
    }
    setSending(false);
  }

  return (
    <fieldset ref={group} className={`concern ${shown.state}`} aria-label="Attention" tabIndex={-1}>
      <p className="concern-state" role="status">
        {wordsOf(shown)}
      </p>
      {shown.state === 'open' && <OpenChoices isSending={isSending} onSay={say} />}
      {(shown.state === 'acknowledged' || shown.state === 'snoozed') && (
        <button
          type="button"
          className="button"
          disabled={isSending}
          onClick={() => void say({ verb: 'reopen' })}
        >
          Reopen
        </button>
      )}
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </fieldset>
  );
}

interface OpenChoicesProps {
  readonly isSending: boolean;
  readonly onSay: (attending: Attending) => Promise<void>;
}

function OpenChoices({ isSending, onSay }: OpenChoicesProps) {
  const [minutes, setMinutes] = useState<number>(SNOOZES[0].minutes);
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={isSending}
        onClick={() => void onSay({ verb: 'acknowledge' })}
      >
        Acknowledge
      </button>
      <span className="snooze">
        <select
          aria-label="Snooze for"
          value={minutes}
          onChange={(event) => setMinutes(Number(event.target.value))}
        >
          {SNOOZES.map((choice) => (
            <option key={choice.minutes} value={choice.minutes}>
              {choice.label}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="button"
          disabled={isSending}
          onClick={() => void onSay({ verb: 'snooze', minutes })}
        >
          Snooze
        </button>
      </span>
    </>
  );
}

function wordsOf({ state, by, until }: ConcernJson): string {
  const who = by === undefined ? '' : ` by ${by}`;
  switch (state) {
    case 'open':
      return '';
    case 'acknowledged':
      return `✅ Acknowledged${who}`;
    case 'snoozed':
      return `💤 Snoozed${until === undefined ? '' : ` until ${whenExpires(until)}`}${who}`;
    case 'resolved':
      return '🟢 Resolved';
    default:
      return state satisfies never;
  }
}
