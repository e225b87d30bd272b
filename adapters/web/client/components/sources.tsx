/** Pages that the tools of an answer pointed to. Their hosts are shown, because titles are the tools' words. */
export function Sources({ sources }: { readonly sources: readonly { title: string; url: string }[] }) {
  return (
    <nav className="sources" aria-label="Sources">
      <span>Sources</span>
      <ul>
        {sources.map(({ title, url }) => (
          <li key={url}>
            <a href={url} target="_blank" rel="noreferrer noopener">
              {title}
            </a>
            {hostOf(url) !== title && <span className="small-print"> {hostOf(url)}</span>}
          </li>
        ))}
      </ul>
    </nav>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
