import { PlainText } from './plain-text.tsx';
import type { ToolChange } from './tool-list.ts';

/** What a tool said when it was accepted, beside what it says now. */
export function ToolChanges({ changes }: { readonly changes: readonly ToolChange[] }) {
  return (
    <dl className="tool-changes">
      {changes.map(({ part, before, after }) => (
        <div key={part} className="tool-change">
          <dt>
            <code>{part}</code>
          </dt>
          <Side label="Accepted" text={before} other={after} mark="gone" />
          <Side label="Now" text={after} other={before} mark="come" />
        </div>
      ))}
    </dl>
  );
}

interface SideProps {
  readonly label: string;
  readonly text: string | undefined;
  readonly other: string | undefined;
  readonly mark: 'gone' | 'come';
}

function Side({ label, text, other, mark }: SideProps) {
  const [before, middle, after] = text === undefined ? ['', '', ''] : partedAgainst(text, other ?? '');
  return (
    <dd className={`change-side ${mark}`}>
      <span className="change-label">{label}</span>
      {text === undefined ? (
        <span className="nothing">{mark === 'gone' ? 'Was not there.' : 'Is gone.'}</span>
      ) : (
        <span className="change-text">
          <PlainText text={before} />
          {middle !== '' && (
            <mark>
              <PlainText text={middle} />
            </mark>
          )}
          <PlainText text={after} />
        </span>
      )}
    </dd>
  );
}

/** What is the same at the beginning, what differs, and what is the same at the end; whole words. */
function partedAgainst(text: string, other: string): readonly [string, string, string] {
  const [words, others] = [wordsOf(text), wordsOf(other)];
  const most = Math.min(words.length, others.length);
  let start = 0;
  while (start < most && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < most - start && words[words.length - 1 - end] === others[others.length - 1 - end]) end += 1;
  const at = words.length - end;
  return [words.slice(0, start).join(''), words.slice(start, at).join(''), words.slice(at).join('')];
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}
