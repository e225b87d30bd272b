import type { AdminAnswer } from './api.ts';
import { LineButtons } from './line-buttons.tsx';

export interface AnswerListProps {
  readonly list: Extract<AdminAnswer, { type: 'list' }>;
  readonly onRun: (line: string) => void;
}

/** A page of things as a table, with what can be done with each. */
export function AnswerList({ list, onRun }: AnswerListProps) {
  const labels = [...new Set(list.rows.flatMap(({ facts }) => facts.map(({ label }) => label)))];
  return (
    <>
      {list.rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className="table-frame" aria-label={list.title} tabIndex={0}>
          <table className="palette-table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                {labels.map((label) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
                <th scope="col">
                  <span className="visually-hidden">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.rows.map(({ icon, title, facts, buttons, link }) => (
                <tr key={buttons[0]?.line ?? title}>
                  <th scope="row">
                    {icon} {title}
                    {link && (
                      <a className="palette-link" href={link.url} target="_blank" rel="noreferrer">
                        {link.label}
                      </a>
                    )}
                  </th>
                  {labels.map((label) => (
                    <td key={label}>{facts.find((fact) => fact.label === label)?.text ?? ''}</td>
                  ))}
                  <td>
                    <details className="palette-menu">
                      <summary className="button" aria-label={`Actions on ${title}`}>
                        …
                      </summary>
                      <LineButtons buttons={buttons} onRun={onRun} />
                    </details>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p className="hint">{list.note}</p>
      <LineButtons buttons={list.buttons} onRun={onRun} />
    </>
  );
}
