import { memo } from 'react';
import type { ToolPart } from '../timeline.ts';
import { CheckIcon, ChevronIcon, CrossIcon, ShieldIcon, SpinnerIcon, StopIcon } from './icons.tsx';
import { Pre } from './pre.tsx';
import { ToolName } from './tool-name.tsx';
import { ToolResult } from './tool-result.tsx';

const STATUS = {
  waiting: { icon: <ShieldIcon />, word: 'waiting' },
  running: { icon: <SpinnerIcon />, word: 'running' },
  ok: { icon: <CheckIcon />, word: 'done' },
  error: { icon: <CrossIcon />, word: 'failed' },
  unfinished: { icon: <StopIcon />, word: 'not finished' },
} as const;

interface ToolRowProps {
  readonly tool: ToolPart;
  readonly threadId: string;
}

/** A tool call in one line, which opens to show what went in and what came out. */
export const ToolRow = memo(function ToolRow({ tool, threadId }: ToolRowProps) {
  const { icon, word } = STATUS[tool.status];
  return (
    <details className={`tool ${tool.status}`}>
      <summary>
        <span className="tool-status" role="img" aria-label={word}>
          {icon}
        </span>
        <ToolName name={tool.tool} />
        <span className="tool-brief clip">
          {tool.status === 'running' && tool.text !== ''
            ? tool.text
            : briefly(tool.edited?.arguments ?? tool.arguments)}
        </span>
        {tool.durationMs !== undefined && <span className="tool-time">{duration(tool.durationMs)}</span>}
        <ChevronIcon />
      </summary>
      <div className="tool-body">
        <h3>{tool.edited === undefined ? 'Arguments' : 'Arguments that the model wrote'}</h3>
        <Pre>{tool.arguments}</Pre>
        {tool.edited !== undefined && (
          <>
            <h3>Arguments that {tool.edited.by} wrote in their place</h3>
            <Pre>{tool.edited.arguments}</Pre>
          </>
        )}
        {(tool.status === 'ok' || tool.status === 'error') && (
          <>
            <h3>{tool.status === 'ok' ? 'Result' : 'Error'}</h3>
            <ToolResult tool={tool} threadId={threadId} />
          </>
        )}
      </div>
    </details>
  );
});

/** The arguments in one line; empty when there are none. */
function briefly(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) return json;
    return Object.entries(value)
      .map(([name, one]) => `${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`)
      .join(', ');
  } catch {
    return json;
  }
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
