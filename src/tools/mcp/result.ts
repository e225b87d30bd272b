import { z } from 'zod';
import type { Json } from '../../agent/json.ts';
import type { Image, ToolOutcome } from '../../agent/tool.ts';
import { pictureIn } from './picture.ts';

type Link = NonNullable<ToolOutcome['links']>[number];

/** What one block of a result becomes. */
export interface Piece {
  readonly text: string;
  readonly link?: Link;
  readonly image?: Image;
}

const maxImages = 4;

const resultSchema = z.looseObject({
  content: z.array(z.unknown()).catch([]),
  structuredContent: z.json().optional().catch(undefined),
  isError: z.boolean().catch(false),
});

/** What a resource holds: text, or bytes in base64. */
export const contentsSchema = z.object({
  uri: z.string(),
  mimeType: z.string().optional(),
  text: z.string().optional(),
  blob: z.string().optional(),
});

export type Contents = z.output<typeof contentsSchema>;

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
    resource: contentsSchema,
  }),
]);

type Block = z.output<typeof blockSchema>;

/**
 * An MCP `tools/call` result as an outcome: text joined, links and the first images collected, and what
 * is no text named by type and size. Blocks that are unknown here are named too, so that nothing disappears silently.
 */
export function readResult(raw: unknown): ToolOutcome {
  const parsed = resultSchema.safeParse(raw);
  if (!parsed.success)
    return { text: 'The tool answered with something that is not a result.', isError: true };
  const { content, structuredContent, isError } = parsed.data;
  const pieces = content.map(readBlock);
  const text = pieces.map((piece) => piece.text).join('\n');
  return {
    text: text === '' ? textFor(structuredContent) : text,
    ...(structuredContent === undefined ? {} : { structured: structuredContent }),
    ...besideText(pieces),
    isError,
  };
}

/** The links and the images of pieces, as far as an outcome may hold them. */
export function besideText(pieces: readonly Piece[]): Pick<ToolOutcome, 'links' | 'images'> {
  const links = pieces.flatMap((piece) => piece.link ?? []);
  const images = pieces.flatMap((piece) => piece.image ?? []).slice(0, maxImages);
  return { ...(links.length === 0 ? {} : { links }), ...(images.length === 0 ? {} : { images }) };
}

function textFor(structured: Json | undefined): string {
  return structured === undefined ? 'The tool returned nothing.' : JSON.stringify(structured, undefined, 2);
}

/** One content block of a result or of a prompt. */
export function readBlock(raw: unknown): Piece {
  const parsed = blockSchema.safeParse(raw);
  return parsed.success ? pieceOf(parsed.data) : { text: '[a block of an unknown kind]' };
}

function pieceOf(block: Block): Piece {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
    case 'audio':
      return { text: `[${block.type}: ${block.mimeType}, ${sizeOf(block.data)}]`, ...imageOf(block) };
    case 'resource_link': {
      const name = block.title ?? block.name;
      const note = block.description === undefined ? '' : `: ${block.description}`;
      return { text: `[link ${name ?? block.uri} <${block.uri}>${note}]`, link: linkTo(block.uri, name) };
    }
    case 'resource':
      return readContents(block.resource);
    default:
      return block satisfies never;
  }
}

/** A resource's contents: its text, or its type and size. */
export function readContents(resource: Contents): Piece {
  const link = linkTo(resource.uri, undefined);
  if (resource.text !== undefined) return { text: `${resource.uri}:\n${resource.text}`, link };
  const mimeType = resource.mimeType ?? 'application/octet-stream';
  const data = resource.blob ?? '';
  return {
    text: `[resource ${resource.uri}: ${mimeType}, ${sizeOf(data)}]`,
    link,
    ...imageOf({ mimeType, data }),
  };
}

function imageOf({
  mimeType,
  data,
}: {
  readonly mimeType: string;
  readonly data: string;
}): Pick<Piece, 'image'> {
  const image = pictureIn(mimeType, data);
  return image === undefined ? {} : { image };
}

function linkTo(uri: string, name: string | undefined): Link {
  return name === undefined ? { uri } : { uri, name };
}

function sizeOf(base64: string): string {
  const bytes = Buffer.byteLength(base64, 'base64');
  return bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`;
}
