import type { Resource } from './definition.ts';
import { paragraph, text, texts } from './field.ts';

/** How servers and prompts can stand; fixed. */
export const statuses: Resource = {
  path: 'statuses',
  table: 'statuses',
  suffix: 'status',
  word: 'statuses',
  one: 'status',
  many: 'Statuses',
  help: 'How servers and prompts can stand.',
  fields: {
    name: text({ label: 'Name', help: 'How it is called.', isReadOnly: true }),
    description: paragraph({ label: 'Description', help: 'What it means.', initial: '', isReadOnly: true }),
    content_types: texts({
      label: 'Used by',
      help: 'The resources that have it.',
      initial: [],
      isReadOnly: true,
    }),
  },
  nameField: 'name',
  columns: ['name', 'description'],
  search: ['name'],
  order: ['name'],
  changes: [],
  isOpen: true,
  example: { name: 'Healthy' },
};

/** The names of an MCP server's statuses. */
export const serverStatuses = ['Healthy', 'Unhealthy', 'Vulnerable'] as const;
/** The names of a prompt's statuses; only an approved one is used. */
export const promptStatuses = ['Approved', 'Testing', 'Deprecated'] as const;
