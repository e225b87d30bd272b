import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TeamsTenant, Upload } from './state.ts';

/** A part of an upload is a multiple of 320 KiB, but the last; https://learn.microsoft.com/graph/api/driveitem-createuploadsession */
const PART = 320 * 1024;

/** An image of a message: only with the bot's token, as an address of the connector. */
export function sendImage(tenant: TeamsTenant, id: string, isBot: boolean, response: ServerResponse): void {
  const file = tenant.files.get(id);
  if (file?.access.kind !== 'token') return void response.writeHead(404).end();
  if (!isBot) return void response.writeHead(401).end();
  response.writeHead(200, { 'content-type': file.type, 'content-length': file.bytes.length }).end(file.bytes);
}

/** A shared file: its address is its key, for a while; a token of the bot does not belong there. */
export function sendFile(
  tenant: TeamsTenant,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const file = tenant.files.get(id);
  if (file?.access.kind !== 'address') return void response.writeHead(404).end();
  if (request.headers.authorization !== undefined) return void response.writeHead(401).end();
  if (tenant.now() > file.access.until) return void response.writeHead(403).end();
  response
    .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.bytes.length })
    .end(file.bytes);
}

/** One part of a file, or all of it, put to the address that a consent gave. */
export function takeUpload(
  tenant: TeamsTenant,
  id: string,
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
): void {
  const upload = tenant.uploads.get(id);
  if (upload === undefined || request.method !== 'PUT') return void response.writeHead(404).end();
  if (request.headers.authorization !== undefined) return void response.writeHead(401).end();
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers['content-range'] ?? '');
  if (range === null || !isNext(upload, range.slice(1).map(Number), bytes))
    return json(response, 400, { error: { code: 'invalidRange', message: 'The range does not fit.' } });
  upload.size = Number(range[3]);
  upload.bytes = Buffer.concat([upload.bytes, bytes]);
  upload.isComplete = upload.bytes.length === upload.size;
  if (upload.isComplete) return json(response, 201, { id: upload.id, name: upload.name, size: upload.size });
  json(response, 202, { nextExpectedRanges: [`${upload.bytes.length}-`] });
}

function isNext(upload: Upload, [from = 0, to = 0, size = 0]: readonly number[], bytes: Buffer): boolean {
  const isLast = to === size - 1;
  return (
    !upload.isComplete &&
    from === upload.bytes.length &&
    to - from + 1 === bytes.length &&
    to < size &&
    (upload.size ?? size) === size &&
    (isLast || bytes.length % PART === 0)
  );
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
