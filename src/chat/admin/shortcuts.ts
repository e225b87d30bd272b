import type { Desk, DeskCaller } from '../desk.ts';
import type { Button } from './answer.ts';

/** The kinds that have a place of their own, by their paths. */
const shown = ['llm-models', 'mcp-servers', 'schedules', 'system-prompts'];

/** What whoever manages something does most; none for who manages nothing. */
export function shortcuts(desk: Desk, by: DeskCaller): readonly Button[] {
  const kinds = shown.flatMap((path) => desk.kinds(by).filter((kind) => kind.path === path));
  const managed = kinds.filter(
    ({ allowed }) => allowed.has('list') && (allowed.has('add') || allowed.has('edit')),
  );
  const more = [
    ...(by.permissions.has('approve') ? [{ label: 'Approvals', line: 'approvals' }] : []),
    ...(by.permissions.has('view_usage') ? [{ label: 'Usage', line: 'usage' }] : []),
    ...(managed.length > 0 ? [{ label: 'Doctor', line: 'doctor' }] : []),
    ...(managed.length > 0 ? [{ label: 'Everything else', line: 'help' }] : []),
  ];
  return [...managed.map(({ many, word }) => ({ label: sentenceCase(many), line: word })), ...more];
}

function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
