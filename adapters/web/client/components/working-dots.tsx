/** The bot works, and has nothing to show of it yet. */
export function WorkingDots() {
  return (
    <div className="working" role="img" aria-label="Working">
      <span />
      <span />
      <span />
    </div>
  );
}
