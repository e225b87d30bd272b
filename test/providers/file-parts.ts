import type { ShownFile } from '../../src/agent/files.ts';
import type { ModelRequest } from '../../src/agent/provider.ts';
import { pdf, png } from '../fakes/files.ts';
import type { WireName } from '../fakes/llm/script.ts';
import { ask } from './hear.ts';

/** A file as the agent shows it. */
export function shownFile(name: string, mediaType: ShownFile['mediaType'], bytes: Buffer): ShownFile {
  return { id: name, name, mediaType, bytes: bytes.length, data: bytes.toString('base64') };
}

export const graph = shownFile('graph.png', 'image/png', png);
export const report = shownFile('report.pdf', 'application/pdf', pdf('Disk full on web1'));

/** A request whose question came with these files. */
export function about(...shown: readonly ShownFile[]): ModelRequest {
  return ask('', { messages: [{ role: 'user', text: 'What is this?', shown }] });
}

const url = (of: ShownFile) => `data:${of.mediaType};base64,${of.data}`;
const bytes = ({ mediaType, data }: ShownFile) => ({ type: 'base64', media_type: mediaType, data });

/** How the body of a request holds `graph` and `report`. */
export const fileParts: Readonly<Record<WireName, { readonly image: string; readonly pdf: string }>> = {
  responses: {
    image: JSON.stringify({ type: 'input_image', image_url: url(graph), detail: 'auto' }),
    pdf: JSON.stringify({ type: 'input_file', filename: 'report.pdf', file_data: url(report) }),
  },
  chat: {
    image: JSON.stringify({ type: 'image_url', image_url: { url: url(graph) } }),
    pdf: JSON.stringify({ type: 'file', file: { filename: 'report.pdf', file_data: url(report) } }),
  },
  messages: {
    image: JSON.stringify({ type: 'image', source: bytes(graph) }),
    pdf: JSON.stringify({ type: 'document', title: 'report.pdf', source: bytes(report) }),
  },
  ollama: { image: `"images":["${graph.data}"]`, pdf: '' },
};
