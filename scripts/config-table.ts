import { z } from 'zod';
import { environmentSchema } from '../src/config.ts';

/** The table of all variables, made from the schema that reads them. */
export function configTable(): string {
  const { properties = {} } = z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' });
  const defaults = new Map(Object.entries(environmentSchema.parse({})));
  const rows = Object.entries(properties).map(([name, schema]) => {
    const { description = '' } = typeof schema === 'object' ? schema : {};
    const fallback = defaults.get(name);
    return `| \`${name}\` | ${fallback === undefined ? '' : `\`${String(fallback)}\``} | ${description} |`;
  });
  return ['| variable | default | what it is |', '|---|---|---|', ...rows].join('\n');
}

/** The README with its table brought up to date. */
export function withConfigTable(readme: string): string {
  return readme.replace(
    /(<!-- configuration -->\n)[\s\S]*?(<!-- \/configuration -->)/,
    (_all, begin: string, end: string) => `${begin}${configTable()}\n${end}`,
  );
}
