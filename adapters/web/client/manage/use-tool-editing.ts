import type { Row } from './rest.ts';
import type { ToolEditing } from './tool-decisions.tsx';
import { overridesIn } from './tool-overrides.ts';
import type { RowForm } from './use-row-form.ts';

interface ToolEditingOptions {
  readonly row: Row;
  readonly state: RowForm;
  /** Whether this person may change the row. */
  readonly isOpen: boolean;
}

/** What is decided about the tools of a server, kept in the form where it is JSON: one is saved with the other. */
export function useToolEditing({ row, state, isOpen }: ToolEditingOptions): ToolEditing {
  const stored = overridesIn(row.tool_overrides) ?? {};
  const draft = state.drafts.tool_overrides;
  if (!isOpen || draft === undefined) return { written: stored };
  return {
    written: overridesIn(draft),
    onChange: (overrides) => state.set('tool_overrides', JSON.stringify(overrides, null, 2)),
  };
}
