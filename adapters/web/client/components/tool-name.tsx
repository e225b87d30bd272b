/** `server__tool`, with the server in small. */
export function ToolName({ name }: { readonly name: string }) {
  const at = name.indexOf('__');
  if (at <= 0) return <code className="tool-name">{name}</code>;
  return (
    <code className="tool-name">
      <span className="tool-server">{name.slice(0, at + 2)}</span>
      {name.slice(at + 2)}
    </code>
  );
}
