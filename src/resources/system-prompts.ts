import type { FieldErrors } from '../chat/form.ts';
import type { Resource, RuleContext } from './definition.ts';
import { flag, integer, paragraph, relation, text } from './field.ts';
import { nameOf } from './input.ts';
import { promptPreviewSchema } from './outputs.ts';
import { promptStatuses, statuses } from './statuses.ts';

/** What models are told before anything else. */
export const systemPrompts: Resource = {
  path: 'system-prompts',
  table: 'system_prompts',
  suffix: 'systemprompt',
  word: 'prompts',
  one: 'system prompt',
  many: 'System prompts',
  help: 'What models are told before anything else. Only an approved one is used: the model’s own, else the newest that is file based.',
  fields: {
    name: text({ label: 'Name', help: 'How it is called.', max: 100 }),
    prompt_text: paragraph({
      label: 'Text',
      help: 'May hold {current_date}, {current_month}, {current_year}, {timezone}, {model_name} and {tools}; {{ and }} are braces.',
      initial: '',
      max: 100_000,
      shownWhen: { field: 'is_file_based', in: ['false'] },
    }),
    status: relation({
      label: 'Status',
      help: 'Only an approved prompt is used.',
      initial: 'Approved',
      only: promptStatuses,
      to: 'statuses',
      table: 'statuses',
      nameColumn: 'name',
      onDelete: 'protect',
    }),
    version: integer({
      label: 'Version',
      help: 'One more with each change of its text.',
      initial: 1,
      isReadOnly: true,
    }),
    is_file_based: flag({ label: 'From a file', help: 'Its text is in a file.', initial: false }),
    prompt_file_name: text({
      label: 'File',
      help: 'A .md or .j2 file in the bot’s folder of prompts, or in AI_OPS_PLUGINS_DIR/prompts.',
      initial: '',
      max: 100,
      placeholder: 'default.md',
      shownWhen: { field: 'is_file_based', in: ['true'] },
    }),
  },
  nameField: 'name',
  icon: (row) => (nameOf(row.status) === 'Approved' ? '🟢' : '⚪'),
  columns: ['name', 'status', 'version', 'is_file_based'],
  search: ['name', 'prompt_text'],
  order: ['name', '-version'],
  changes: ['create', 'change', 'delete'],
  example: {
    name: 'Network team',
    prompt_text: 'You help the network team. Today is {current_date}.',
    status: 'Testing',
  },
  check: checkPrompt,
  prepare: ({ values, before }) => ({
    values:
      before !== undefined && before.prompt_text !== values.prompt_text
        ? { version: Number(before.version) + 1 }
        : {},
  }),
  display: (row) => `${String(row.name)} v${String(row.version)} (${nameOf(row.status)})`,
  actions: {
    preview: {
      label: 'Preview',
      help: 'Shows what the model would get now.',
      method: 'GET',
      needs: 'view',
      output: promptPreviewSchema,
      example: { text: 'You help the network team. Today is November 21, 2026.' },
      run: async ({ row, world }) => ({ text: await world.previewPrompt(row.id) }),
    },
  },
};

async function checkPrompt({ values, rows, world }: RuleContext): Promise<FieldErrors> {
  const status = await rows.find(statuses, { id: String(values.status) });
  const wrongStatus = promptStatuses.some((name) => name === status?.name)
    ? {}
    : { status: [`Must be one of ${promptStatuses.join(', ')}.`] };
  const field = values.is_file_based === true ? 'prompt_file_name' : 'prompt_text';
  const problems = await problemsOf(String(values[field]), { isFile: values.is_file_based === true, world });
  return { ...wrongStatus, ...(problems.length === 0 ? {} : { [field]: problems }) };
}

async function problemsOf(
  value: string,
  { isFile, world }: { readonly isFile: boolean; readonly world: RuleContext['world'] },
): Promise<readonly string[]> {
  if (value.trim() === '') return [isFile ? 'Name a file.' : 'Write the prompt, or name a file.'];
  return await world.promptProblems(isFile ? { file: value } : { text: value });
}
