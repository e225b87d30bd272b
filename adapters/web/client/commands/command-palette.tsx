import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Me } from '../api.ts';
import { Manage as Shared } from '../manage/context.tsx';
import { Modal } from '../manage/modal.tsx';
import { type ResourceForm, sentenceOf } from '../manage/rest.ts';
import { newId } from '../new-id.ts';
import { AnswerView } from './answer-view.tsx';
import { type AdminAnswer, runLine } from './api.ts';
import { showFromStart } from './show-from-start.ts';

interface Entry {
  readonly key: string;
  readonly line: string;
  /** Undefined while it runs. */
  readonly answer?: AdminAnswer | undefined;
  readonly problem?: string;
}

const nothing =
  'That is nothing that I manage. `help` lists what I understand; questions belong into the conversation.';

export interface CommandPaletteProps {
  readonly me: Me;
  readonly resources: readonly ResourceForm[];
  /** Closed, it keeps what was said and what is half written, for as long as the page lives. */
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The command line: the same words as on Slack and Teams, each answer below its line. */
export function CommandPalette({ me, resources, isOpen, onClose }: CommandPaletteProps) {
  const [lists] = useState(() => new Map<string, string>());
  const shared = { isSignedOut: false, lists, me, resources, onMenu: onClose };
  return (
    <Modal title="Command line" isWide isOpen={isOpen} onClose={onClose}>
      <Shared value={shared}>
        <Lines isOpen={isOpen} />
      </Shared>
    </Modal>
  );
}

function Lines({ isOpen }: Pick<CommandPaletteProps, 'isOpen'>) {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [text, setText] = useState('');
  const [recalled, setRecalled] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const newest = useRef('');
  useEffect(() => {
    if (isOpen) field.current?.focus();
    // What is shown this once is gone with the look at it.
    else setEntries((before) => before.filter(({ answer }) => answer?.isSecret !== true));
  }, [isOpen]);
  // An answer is read from its beginning, however long it is.
  useEffect(() => {
    if (entries.length > 0) showFromStart(document.getElementById(newest.current));
  }, [entries]);

  function settle(key: string, done: Partial<Entry>): void {
    newest.current = key;
    setEntries((before) => before.map((entry) => (entry.key === key ? { ...entry, ...done } : entry)));
  }

  async function run(line: string): Promise<void> {
    const key = newId();
    newest.current = key;
    setEntries((before) => [...before, { key, line }]);
    setRecalled(0);
    try {
      const answer = await runLine(line);
      settle(key, { answer: answer ?? { type: 'text', text: nothing, buttons: [], isPublic: false } });
    } catch (error) {
      settle(key, { problem: sentenceOf(error) });
    }
  }

  function submit(): void {
    const line = text.trim();
    if (line === '') return;
    setText('');
    void run(line);
  }

  function recall(event: KeyboardEvent): void {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    const lines = entries.map(({ line }) => line).filter((line) => !/[0-9a-f-]{36}/.test(line));
    const next = Math.min(lines.length, Math.max(0, recalled + (event.key === 'ArrowUp' ? 1 : -1)));
    if (lines.length === 0) return;
    event.preventDefault();
    setRecalled(next);
    setText(next === 0 ? '' : (lines[lines.length - next] ?? ''));
  }

  return (
    <div className="palette">
      <div className="palette-log" aria-live="polite">
        {entries.length === 0 && <Hints onRun={(line) => void run(line)} />}
        {entries.map(({ key, line, answer, problem }) => (
          <section key={key} id={key} className="palette-entry" aria-label={line}>
            <p className="palette-line">{line}</p>
            {problem !== undefined && (
              <p className="hint error" role="alert">
                {problem}
              </p>
            )}
            {answer === undefined && problem === undefined && <p className="hint">One moment…</p>}
            {answer && (
              <AnswerView
                answer={answer}
                onRun={(next) => void run(next)}
                onAnswer={(next) => settle(key, { answer: next })}
              />
            )}
          </section>
        ))}
      </div>
      <form
        className="palette-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <span aria-hidden="true" className="palette-mark">
          /aiops
        </span>
        <input
          ref={field}
          value={text}
          aria-label="Command"
          placeholder="models, servers add, prompts edit …, help"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={recall}
        />
        <button type="submit" className="button primary" disabled={text.trim() === ''}>
          Run
        </button>
      </form>
    </div>
  );
}

const examples = ['models', 'servers', 'usage', 'help'];

function Hints({ onRun }: { readonly onRun: (line: string) => void }) {
  return (
    <div className="palette-hints">
      <p>The same words as after /aiops on Slack and Teams. What is missing is asked for.</p>
      <div className="row">
        {examples.map((line) => (
          <button key={line} type="button" className="button" onClick={() => onRun(line)}>
            {line}
          </button>
        ))}
      </div>
    </div>
  );
}
