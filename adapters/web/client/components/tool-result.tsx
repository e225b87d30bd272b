import { useState } from 'react';
import { readResult } from '../api.ts';
import type { ToolPart } from '../timeline.ts';
import { Pre } from './pre.tsx';

type Shown =
  | { readonly type: 'short' }
  | { readonly type: 'loading' }
  | { readonly type: 'all'; readonly text: string }
  | { readonly type: 'failed'; readonly why: string };

/** What came out of a call: head and tail first where it is long, all of it on demand. */
export function ToolResult({ tool, threadId }: { readonly tool: ToolPart; readonly threadId: string }) {
  const [shown, setShown] = useState<Shown>({ type: 'short' });
  const { kept } = tool;
  if (shown.type === 'all') return <Pre>{shown.text}</Pre>;
  const short = <Pre>{tool.text || 'Nothing came back.'}</Pre>;
  if (kept === undefined) return short;

  async function showAll(id: string) {
    setShown({ type: 'loading' });
    try {
      setShown({ type: 'all', text: await readResult(threadId, id) });
    } catch (error) {
      setShown({ type: 'failed', why: error instanceof Error ? error.message : String(error) });
    }
  }

  return (
    <>
      {short}
      <button
        type="button"
        className="button quiet"
        disabled={shown.type === 'loading'}
        onClick={() => void showAll(kept.id)}
      >
        Show all ({kept.characters.toLocaleString('en')} characters)
      </button>
      {shown.type === 'failed' && <p role="alert">{shown.why}</p>}
    </>
  );
}
