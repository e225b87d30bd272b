import { z } from 'zod';
import type { Json } from '../../agent/json.ts';
import type { ToolOutcome } from '../../agent/tool.ts';

type Link = NonNullable<ToolOutcome['links']>[number];

/** What one block of a result becomes. */
interface Piece {
  readonly text: string;
  readonly link?: Link;
}

const resultSchema = z.looseObject({
  content: z.array(z.unknown()).catch([]),
  structuredContent: z.json().optional().catch(undefined),
  isError: z.boolean().catch(false),
});

const blockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), data: z.string(), mimeType: z.string() }),
  z.object({ type: z.literal('audio'), data: z.string(), mimeType: z.string() }),
  z.object({
    type: z.literal('resource_link'),
    uri: z.string(),
    name: z.string().optional(),
    title: z.string().optional(),
    description: z.string().optional(),
  }),
  z.object({
    type: z.literal('resource'),
    resource: z.object({
      uri: z.string(),
      mimeType: z.string().optional(),
      text: z.string().optional(),
      blob: z.string().optional(),
    }),
  }),
]);

type Block = z.output<typeof blockSchema>;

/**
 * An MCP `tools/call` result as an outcome: text joined, links collected, and what is no text named by
 * type and size. Blocks that are unknown here are named too, so that nothing disappears silently.
 */
export function readResult(raw: unknown): ToolOutcome {
  const parsed = resultSchema.safeParse(raw);
  if (!parsed.success)
    return { text: 'The tool answered with something that is not a result.', isError: true };
  const { content, structuredContent, isError } = parsed.data;
  const pieces = content.map(readBlock);
  const text = pieces.map((piece) => piece.text).join('\n');
  const links = pieces.flatMap((piece) => piece.link ?? []);
  return {
    text: text === '' ? textFor(structuredContent) : text,
    ...(structuredContent === undefined ? {} : { structured: structuredContent }),
    ...(links.length === 0 ? {} : { links }),
    isError,
  };
}

function textFor(structured: Json | undefined): string {
  return structured === undefined ? 'The tool returned nothing.' : JSON.stringify(structured, undefined, 2);
}

function readBlock(raw: unknown): Piece {
  const parsed = blockSchema.safeParse(raw);
  return parsed.success ? pieceOf(parsed.data) : { text: '[a block of an unknown kind]' };
}

function pieceOf(block: Block): Piece {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
    case 'audio':
      return { text: `[${block.type}: ${block.mimeType}, ${sizeOf(block.data)}]` };
    case 'resource_link': {
      const name = block.title ?? block.name;
      const note = block.description === undefined ? '' : `: ${block.description}`;
      return { text: `[link ${name ?? block.uri} <${block.uri}>${note}]`, link: linkTo(block.uri, name) };
    }
    case 'resource':
      return embedded(block.resource);
    default:
      return block satisfies never;
  }
}

function embedded(resource: Extract<Block, { type: 'resource' }>['resource']): Piece {
  const link = linkTo(resource.uri, undefined);
  if (resource.text !== undefined) return { text: `${resource.uri}:\n${resource.text}`, link };
  const type = resource.mimeType ?? 'application/octet-stream';
  return { text: `[resource ${resource.uri}: ${type}, ${sizeOf(resource.blob ?? '')}]`, link };
}

function linkTo(uri: string, name: string | undefined): Link {
  return name === undefined ? { uri } : { uri, name };
}

function sizeOf(base64: string): string {
  const bytes = Buffer.byteLength(base64, 'base64');
  return bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`;
}
