import { Markdown } from './markdown.tsx';

/** What the parts of an answer rest on, folded. */
export function Details({ details }: { readonly details: readonly { title: string; text: string }[] }) {
  return (
    <details className="rests-on">
      <summary>Details</summary>
      {details.map(({ title, text }) => (
        <details key={`${title}\n${text}`}>
          <summary>{title}</summary>
          <Markdown text={text} />
        </details>
      ))}
    </details>
  );
}
