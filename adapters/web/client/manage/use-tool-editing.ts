import type { Row } from './rest.ts';
import type { ToolEditing } from './tool-decisions.tsx';
import { overridesIn } from './tool-overrides.ts';
import type { RowForm } from './use-row-form.ts';
import { draftOf, writtenOf } from './values.ts';

interface ToolEditingOptions {
  readonly row: Row;
  readonly state: RowForm;
  /** Whether this person may change the row. */
  readonly isOpen: boolean;
}

/** What is decided about the tools of a server, kept in the form's own field of it: one is saved with the other. */
export function useToolEditing({ row, state, isOpen }: ToolEditingOptions): ToolEditing {
  const stored = overridesIn(row.tool_overrides) ?? {};
  const field = state.fields.find(({ name }) => name === 'tool_overrides');
  const draft = state.drafts.tool_overrides;
  if (!isOpen || field === undefined || draft === undefined) return { written: stored };
  const written = writtenOf(field, draft);
  return {
    written: written.ok ? overridesIn(written.value ?? {}) : undefined,
    onChange: (overrides) => state.set(field.name, draftOf(field, overrides)),
  };
}
