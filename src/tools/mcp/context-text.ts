import { z } from 'zod';
import type { ToolOutcome } from '../../agent/tool.ts';
import { besideText, contentsSchema, type Piece, readBlock, readContents } from './result.ts';

const pageLength = 50;
const maxDescription = 200;
const maxCharacters = 200_000;

const about = {
  name: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
};
const resourceSchema = z.object({
  uri: z.string(),
  mimeType: z.string().optional().catch(undefined),
  ...about,
});
const templateSchema = z.object({ uriTemplate: z.string(), ...about });
const argumentSchema = z.object({
  name: z.string(),
  description: z.string().optional().catch(undefined),
  required: z.boolean().optional().catch(undefined),
});
const promptSchema = z.object({
  ...about,
  name: z.string(),
  arguments: z.array(argumentSchema).catch([]).default([]),
});
const readSchema = z.object({ contents: z.array(z.unknown()) });
const gotSchema = z.object({ messages: z.array(z.unknown()) });
const messageSchema = z.object({ role: z.enum(['user', 'assistant']), content: z.unknown() });

/** Which part of a list is wanted. */
export interface Wanted {
  /** Only what holds this text, in capital or small letters; empty: all. */
  readonly filter: string;
  /** From 1. */
  readonly page: number;
}

/** Resources and templates, a page of them, as lines for a model or a person. */
export function resourcesText(
  {
    resources,
    templates,
  }: { readonly resources: readonly unknown[]; readonly templates: readonly unknown[] },
  wanted: Wanted,
): string {
  const lines = [
    ...parsed(resources, resourceSchema).map((it) => line(it.uri, { ...it, note: it.mimeType ?? '' })),
    ...parsed(templates, templateSchema).map((it) =>
      line(it.uriTemplate, { ...it, note: 'a template: put values in the place of what stands in braces' }),
    ),
  ];
  return pageOf(lines, wanted, 'resource');
}

/** Prompts with their arguments, a page of them. */
export function promptsText(prompts: readonly unknown[], wanted: Wanted): string {
  const lines = parsed(prompts, promptSchema).map((prompt) => {
    const args = prompt.arguments.map(
      ({ name, description, required }) =>
        `\n    - \`${name}\`${required === true ? ' (required)' : ''}${description === undefined ? '' : `: ${short(description)}`}`,
    );
    return `${line(prompt.name, { ...prompt, name: undefined, note: '' })}${args.join('')}`;
  });
  return pageOf(lines, wanted, 'prompt');
}

/** The contents of a `resources/read` result. */
export function readText(raw: unknown): ToolOutcome {
  const found = readSchema.safeParse(raw).data?.contents;
  if (found === undefined)
    return { text: 'The server answered with something that is not a resource.', isError: true };
  const pieces = found.map((item) => {
    const contents = contentsSchema.safeParse(item).data;
    return contents === undefined ? { text: '[contents of an unknown kind]' } : readContents(contents);
  });
  return outcomeOf(pieces, pieces.map(({ text }) => text).join('\n') || 'The resource is empty.');
}

/** The messages of a `prompts/get` result; with who speaks, unless it is all the person's. */
export function promptText(raw: unknown): ToolOutcome {
  const found = z.array(messageSchema).safeParse(gotSchema.safeParse(raw).data?.messages).data;
  if (found === undefined)
    return { text: 'The server answered with something that is not a prompt.', isError: true };
  const pieces = found.map(({ content }) => readBlock(content));
  const isAllUsers = found.every(({ role }) => role === 'user');
  const texts = pieces.map(({ text }, n) =>
    isAllUsers ? text : `${speakers[found[n]?.role ?? 'user']}: ${text}`,
  );
  return outcomeOf(pieces, texts.join('\n\n') || 'The prompt is empty.');
}

const speakers = { user: 'User', assistant: 'Assistant' } as const;

function outcomeOf(pieces: readonly Piece[], text: string): ToolOutcome {
  return { text: cut(text), ...besideText(pieces), isError: false };
}

function cut(text: string): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters)}\n[cut here: it has ${text.length} characters]`;
}

function parsed<T>(entries: readonly unknown[], schema: z.ZodType<T>): readonly T[] {
  return entries.flatMap((entry) => schema.safeParse(entry).data ?? []);
}

interface About {
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly note: string;
}

function line(id: string, { name, title, description, note }: About): string {
  const told = [title ?? name, description].filter(
    (part) => part !== undefined && part !== '' && part !== id,
  );
  return `- \`${id}\`${note === '' ? '' : ` (${note})`}${told.length === 0 ? '' : `: ${short(told.join('. '))}`}`;
}

function short(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ').trim();
  return plain.length > maxDescription ? `${plain.slice(0, maxDescription - 1)}…` : plain;
}

function pageOf(lines: readonly string[], { filter, page }: Wanted, what: string): string {
  const word = filter.toLowerCase();
  const found = lines.filter((text) => text.toLowerCase().includes(word));
  const pages = Math.max(1, Math.ceil(found.length / pageLength));
  if (found.length === 0)
    return filter === ''
      ? `The server has no ${what}s.`
      : `The server has no ${what} with “${filter}” in it.`;
  if (page > pages) return `There ${pages === 1 ? 'is one page' : `are ${pages} pages`} only.`;
  const shown = found.slice((page - 1) * pageLength, page * pageLength);
  if (pages === 1) return shown.join('\n');
  return `${shown.join('\n')}\n\nPage ${page} of ${pages}; ${found.length} ${what}s in all.`;
}
