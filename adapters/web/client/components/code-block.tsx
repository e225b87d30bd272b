import { Bars, barsOf } from './bars.tsx';
import { CopyButton } from './copy-button.tsx';
import { Lines, linesOf } from './lines.tsx';
import { Pre } from './pre.tsx';

/** Code as it is, or the chart that it describes. */
export function CodeBlock(props: { readonly code: string; readonly language: string }) {
  if (props.language !== 'chart') return <Code {...props} />;
  const lines = linesOf(props.code);
  if (lines !== undefined) return <Lines {...lines} />;
  const bars = barsOf(props.code);
  return bars === undefined ? <Code {...props} /> : <Bars {...bars} />;
}

/** Code as it is, with its language and a way to copy it. */
function Code({ code, language }: { readonly code: string; readonly language: string }) {
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language || 'text'}</span>
        <CopyButton text={code} label="Copy the code" />
      </div>
      <Pre>
        <code>{code}</code>
      </Pre>
    </div>
  );
}
