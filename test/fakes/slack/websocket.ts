import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** One end of a WebSocket, as RFC 6455 has it; text messages only. */
export interface ServerSocket {
  send(text: string): void;
  ping(): void;
  /** Sends a close frame and waits for the other side to end. */
  close(): void;
  /** Cuts the connection. */
  destroy(): void;
  onText(listener: (text: string) => void): void;
  onEnd(listener: () => void): void;
}

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10] as const;

/** Answers an upgrade request. */
export function acceptSocket(request: IncomingMessage, socket: Duplex): ServerSocket {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}${MAGIC}`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let heard: (text: string) => void = () => {};
  let buffer: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  const send = (opcode: number, payload: Buffer) => {
    if (!socket.destroyed && socket.writable) socket.write(frame(opcode, payload));
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    buffer = Buffer.concat([buffer, data]);
    for (let next = readFrame(buffer); next !== undefined; next = readFrame(buffer)) {
      buffer = next.rest;
      if (next.opcode === PING) send(PONG, next.payload);
      if (next.opcode === CLOSE) {
        send(CLOSE, next.payload);
        socket.end();
        return;
      }
      if (next.opcode > TEXT) continue;
      parts.push(next.payload);
      if (!next.isLast) continue;
      const text = Buffer.concat(parts).toString('utf8');
      parts = [];
      heard(text);
    }
  });
  return {
    send: (text) => send(TEXT, Buffer.from(text)),
    ping: () => send(PING, Buffer.from('ping')),
    close: () => send(CLOSE, Buffer.from([0x03, 0xe8])),
    destroy: () => void socket.destroy(),
    onText(listener) {
      heard = listener;
    },
    onEnd: (listener) => void socket.once('close', listener),
  };
}

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]), uint32(length)]);
  return Buffer.concat([head, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
  readonly rest: Buffer;
}

/** The first whole frame; what clients send is masked. */
function readFrame(buffer: Buffer): Frame | undefined {
  if (buffer.length < 2) return undefined;
  const [first = 0, second = 0] = buffer;
  const short = second & 127;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const isMasked = (second & 128) !== 0;
  const start = 2 + extra + (isMasked ? 4 : 0);
  if (buffer.length < start) return undefined;
  const length =
    extra === 2 ? buffer.readUInt16BE(2) : extra === 8 ? Number(buffer.readBigUInt64BE(2)) : short;
  if (buffer.length < start + length) return undefined;
  const payload = Buffer.from(buffer.subarray(start, start + length));
  if (isMasked) {
    const mask = buffer.subarray(2 + extra, start);
    payload.forEach((byte, at) => {
      payload[at] = byte ^ (mask[at % 4] ?? 0);
    });
  }
  return { opcode: first & 15, isLast: (first & 128) !== 0, payload, rest: buffer.subarray(start + length) };
}
