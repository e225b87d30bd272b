import type { Alert } from './port.ts';

const place = /\{\{\s*([A-Za-z_][\w.-]{0,120})\s*\}\}/g;
const roots = ['labels', 'annotations'] as const;
const plain = [
  'name',
  'status',
  'severity',
  'summary',
  'description',
  'startsAt',
  'endsAt',
  'remark',
] as const;

/**
 * Puts an alert's words in the place of `{{labels.x}}`, `{{annotations.x}}`, `{{name}}`, `{{status}}` and the
 * like, once: what they say is never looked into. What an alert does not have is empty.
 */
export function fillTemplate(template: string, alert: Alert): string {
  return template.replaceAll(place, (_whole, path: string) => valueAt(path, alert)).trim();
}

/** What a template names that no alert ever has. */
function unknownPlaces(template: string): readonly string[] {
  const names = [...template.matchAll(place)].map(([, path = '']) => path);
  return [...new Set(names)].filter((path) => !isKnown(path));
}

/** What is wrong with a template, as a sentence. */
export function templateProblem(template: string): string | undefined {
  const unknown = unknownPlaces(template).slice(0, 5);
  if (unknown.length === 0) return undefined;
  const names = unknown.map((path) => `{{${path}}}`).join(', ');
  return `No alert has ${names}. Use labels.<name>, annotations.<name>, ${plain.join(', ')}.`;
}

function isKnown(path: string): boolean {
  const [root = '', ...rest] = path.split('.');
  if (rest.length === 0) return plain.some((name) => name === path);
  return roots.some((name) => name === root);
}

function valueAt(path: string, alert: Alert): string {
  const [root = '', ...rest] = path.split('.');
  const field = plain.find((name) => name === path);
  if (field !== undefined) return alert[field] ?? '';
  const group = roots.find((name) => name === root);
  const key = rest.join('.');
  return group !== undefined && Object.hasOwn(alert[group], key) ? (alert[group][key] ?? '') : '';
}
