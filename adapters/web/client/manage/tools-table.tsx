import { useState } from 'react';
import { CheckIcon, WarningIcon } from '../components/icons.tsx';
import { PinDialog } from './pin-dialog.tsx';
import { PinStatus } from './pin-status.tsx';
import { PlainText } from './plain-text.tsx';
import { Shown } from './shown.tsx';
import { AsksSelect, EffectSelect, OfferedSelect, type ToolEditing } from './tool-decisions.tsx';
import type { ListedTool, Pinned, ToolListing } from './tool-list.ts';
import type { Pinning, PinVerb } from './use-pinning.ts';
import { WaitingTools } from './waiting-tools.tsx';

export interface ToolsTableProps {
  readonly listing: ToolListing;
  readonly editing: ToolEditing;
  readonly pinning: Pinning;
}

interface Wanted {
  readonly verb: PinVerb;
  readonly pinned: readonly Pinned[];
}

/** The tools of a server: what waits to be accepted, what they do, whether they ask and are offered. */
export function ToolsTable({ listing, editing, pinning }: ToolsTableProps) {
  const { tools, instructions } = listing;
  const { decide, said, server } = pinning;
  const [wanted, setWanted] = useState<Wanted>();
  const strays = Object.keys(editing.written ?? {}).filter((one) => !tools.some(({ name }) => name === one));
  const all = [...tools.map(({ pinned }) => pinned), ...(instructions ? [instructions] : [])];
  const waiting = all.filter(({ state }) => state === 'new' || state === 'changed');
  const want = decide && ((verb: PinVerb, pinned: readonly Pinned[]) => setWanted({ verb, pinned }));
  return (
    <div className="result">
      {said !== undefined && (
        <p className="result-head good" role="status">
          <CheckIcon />
          <span>{said}</span>
        </p>
      )}
      {strays.length > 0 && (
        <p className="tools-warning" role="status">
          <WarningIcon />
          <span>Overrides that do nothing, because the server has no such tool: {strays.join(', ')}.</span>
        </p>
      )}
      <WaitingTools waiting={waiting} onAccept={want && ((pinned) => want('accept', pinned))} />
      {instructions && <Instructions instructions={instructions} want={want} />}
      {tools.length === 0 ? (
        <p className="nothing">It has no tools.</p>
      ) : (
        <Table {...{ tools, editing, want }} />
      )}
      {editing.onChange && tools.length > 0 && (
        <p className="field-help">
          {editing.written === undefined
            ? 'Mend the JSON of the tool overrides below first.'
            : 'What you choose is written into the tool overrides below; save to let it count. What is destructive always asks.'}
        </p>
      )}
      {wanted && decide && (
        <PinDialog
          {...wanted}
          server={server}
          onConfirm={() => decide(wanted.verb, wanted.pinned)}
          onClose={() => setWanted(undefined)}
        />
      )}
    </div>
  );
}

type Want = ((verb: PinVerb, pinned: readonly Pinned[]) => void) | undefined;

interface InstructionsProps {
  readonly instructions: NonNullable<ToolListing['instructions']>;
  readonly want: Want;
}

/** What the server says of how to use it, and whether models are told. */
function Instructions({ instructions, want }: InstructionsProps) {
  const { state, by, text, isUsed } = instructions;
  return (
    <details className="tool-instructions">
      <summary>
        Instructions of the server
        <PinStatus state={state} by={by} />
      </summary>
      <p className="field-help">
        {isUsed
          ? 'They are in the system prompt.'
          : 'They are not in the system prompt: that takes a trusted server, and their acceptance.'}
      </p>
      <pre>
        <PlainText text={text} />
      </pre>
      {want && <Decide pinned={instructions} title="Instructions" want={want} />}
    </details>
  );
}

interface DecideProps {
  readonly pinned: Pinned;
  readonly title: string;
  readonly want: NonNullable<Want>;
}

/** What waits has its button where it is read. */
function Decide({ pinned, title, want }: DecideProps) {
  if (pinned.state === 'new' || pinned.state === 'changed') return null;
  const [verb, label] =
    pinned.state === 'revoked' ? (['accept', 'Accept'] as const) : (['revoke', 'Take back'] as const);
  return (
    <button
      type="button"
      className="link pin-link"
      aria-label={`${label}: ${title}`}
      onClick={() => want(verb, [pinned])}
    >
      {label}
    </button>
  );
}

interface TableProps {
  readonly tools: readonly ListedTool[];
  readonly editing: ToolEditing;
  readonly want: Want;
}

function Table({ tools, editing, want }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls must be reachable by keyboard
    <section className="list-frame" aria-label="Tools" tabIndex={0}>
      <table className="list plain tools-table">
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col">Description</th>
            <th scope="col">Effect</th>
            <th scope="col">Asks</th>
            <th scope="col">Offered</th>
          </tr>
        </thead>
        <tbody>
          {tools.map((tool) => (
            <ToolLine key={tool.name} {...{ tool, editing, want }} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ToolLine({ tool, editing, want }: Omit<TableProps, 'tools'> & { readonly tool: ListedTool }) {
  const { name, fullName, description, hints, effect, asks, isOffered, pinned } = tool;
  const isOpen = editing.onChange !== undefined;
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        {fullName !== '' && <code className="tool-full-name">{fullName}</code>}
        <span className="tool-note pin-line">
          <PinStatus state={pinned.state} by={pinned.by} />
          {want && <Decide pinned={pinned} title={name} want={want} />}
        </span>
      </td>
      <td data-label="Description">
        <div>
          <span className="tool-about" title={description}>
            <PlainText text={description} />
          </span>
          {hints !== '' && <span className="tool-note">The server says: {hints}.</span>}
        </div>
      </td>
      <td data-label="Effect">
        <div>
          {isOpen && <EffectSelect {...{ tool, editing }} />}
          <span className={isOpen ? 'tool-note' : ''}>{isOpen ? `Now: ${effect}` : effect}</span>
        </div>
      </td>
      <td data-label="Asks">
        {isOpen ? (
          <div>
            <AsksSelect {...{ tool, editing }} />
            <span className="tool-note">{asks ? 'Now: asks first' : 'Now: runs at once'}</span>
          </div>
        ) : (
          <Shown value={asks} />
        )}
      </td>
      <td data-label="Offered">
        {isOpen ? <OfferedSelect {...{ tool, editing }} /> : <Shown value={isOffered} />}
      </td>
    </tr>
  );
}
