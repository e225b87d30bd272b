import { CopyButton } from './copy-button.tsx';
import { Pre } from './pre.tsx';

/** Code as it is, with its language and a way to copy it. */
export function CodeBlock({ code, language }: { readonly code: string; readonly language: string }) {
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
