import type { ListedTool } from './tool-list.ts';
import { type Decision, decided, type Overrides } from './tool-overrides.ts';

/** What the form holds about the tools of a server. */
export interface ToolEditing {
  /** As written; undefined while it cannot be read. */
  readonly written: Overrides | undefined;
  /** Absent for who may not change it. */
  readonly onChange?: (overrides: Overrides) => void;
}

export interface ToolDecisionProps {
  readonly tool: ListedTool;
  readonly editing: ToolEditing;
}

/** What the tool does to the world: as its server says, or as an admin does. */
export function EffectSelect({ tool, editing }: ToolDecisionProps) {
  const options = [
    ['', 'As the server says'],
    ['read', 'Read'],
    ['write', 'Write'],
    ['destructive', 'Destructive'],
  ] as const;
  return <Decide {...{ tool, editing, options }} decision="effect" label="Effect" />;
}

/** Whether it asks people before it runs. */
export function AsksSelect({ tool, editing }: ToolDecisionProps) {
  const options = [
    ['', 'By effect'],
    ['ask', 'Asks first'],
    ['auto', 'Runs at once'],
  ] as const;
  return <Decide {...{ tool, editing, options }} decision="approval" label="Asks" />;
}

/** Whether models are told of it. */
export function OfferedSelect({ tool, editing }: ToolDecisionProps) {
  const options = [
    ['', 'Yes'],
    ['false', 'No'],
  ] as const;
  return <Decide {...{ tool, editing, options }} decision="offer" label="Offered" />;
}

interface DecideProps extends ToolDecisionProps {
  readonly decision: Decision;
  readonly label: string;
  readonly options: readonly (readonly [value: string, label: string])[];
}

function Decide({ tool, editing: { written, onChange }, decision, label, options }: DecideProps) {
  const stands = String(written?.[tool.name]?.[decision] ?? '');
  return (
    <select
      aria-label={`${label}: ${tool.name}`}
      disabled={written === undefined}
      value={options.some(([value]) => value === stands) ? stands : ''}
      onChange={({ target: { value } }) =>
        written && onChange?.(decided(written, tool.name, [decision, decisionOf(value)]))
      }
    >
      {options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

function decisionOf(chosen: string): string | boolean | undefined {
  if (chosen === '') return undefined;
  return chosen === 'false' ? false : chosen;
}
