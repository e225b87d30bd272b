/** The bot works, and has nothing to show of it yet. */
export function WorkingDots({ doing }: { readonly doing: string | undefined }) {
  return (
    <div className="working">
      <span role="img" aria-label="Working" />
      <span />
      <span />
      {doing !== undefined && <small>The bot {doing}</small>}
    </div>
  );
}
