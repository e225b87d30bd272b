/** What a server reports of a running request. */
export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

const atMostEveryMs = 200;
const maxCharacters = 200;

/** Tells progress as text, such as `3/10 copying`: only what is new, and not more often than people can read. */
export function progressText(tell: ((text: string) => void) | undefined): (progress: Progress) => void {
  if (tell === undefined) return () => {};
  let last = '';
  let nextAt = 0;
  return (progress) => {
    const text = textOf(progress);
    const now = performance.now();
    if (text === last || now < nextAt) return;
    last = text;
    nextAt = now + atMostEveryMs;
    tell(text);
  };
}

function textOf({ progress, total, message }: Progress): string {
  const count = total === undefined ? String(progress) : `${progress}/${total}`;
  return (message === undefined ? count : `${count} ${message}`).slice(0, maxCharacters);
}
