import { StringDecoder } from 'node:string_decoder';

/** What comes of bytes that are cut into lines. */
export interface LineSink {
  line(text: string): void;
  /** A line grew longer than allowed; what was held of it is dropped. */
  tooLong(): void;
}

/** Cuts chunks of UTF-8 into lines without their ends. Costs the length of the text, however it is chunked. */
export function lineReader(maxCharacters: number, sink: LineSink): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let held = 0;
  const hold = (text: string) => {
    parts.push(text);
    held += text.length;
    if (held <= maxCharacters) return;
    parts = [];
    held = 0;
    sink.tooLong();
  };
  return (chunk) => {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    hold(first);
    for (const next of others) {
      const line = parts.join('');
      parts = [];
      held = 0;
      sink.line(line.endsWith('\r') ? line.slice(0, -1) : line);
      hold(next);
    }
  };
}
