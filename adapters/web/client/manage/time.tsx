/** A point in time in the words of this browser; exact for who looks closer. */
export function Time({ iso }: { readonly iso: string }) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return <>{iso}</>;
  return (
    <time dateTime={iso} title={iso}>
      {at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}
    </time>
  );
}
