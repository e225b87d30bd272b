/** What it means that a layer of this type cannot be built. */
export function MissingNote({ isCritical }: { readonly isCritical: boolean }) {
  return (
    <p className={isCritical ? 'field-warning bad' : 'field-warning'} role="status">
      {isCritical
        ? 'This version of the bot cannot build it, and Critical is on: every turn of the model would fail.'
        : 'This version of the bot cannot build it: it is stored, but left out.'}
    </p>
  );
}
