const longest = 500;

/** The regular expression of names of files: `*` and `?` stand for characters of one name, `**` for folders too, `{a,b}` for either. */
export function globSource(glob: string): string {
  const parts = glob.slice(0, longest).match(/\*\*\/|\*\*|\*|\?|[{},]|[^*?{},]+/g) ?? [];
  let depth = 0;
  const source = parts.map((part) => {
    switch (part) {
      case '**/':
        return '(?:.*/)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        depth += 1;
        return '(?:';
      case '}':
        if (depth === 0) return '\\}';
        depth -= 1;
        return ')';
      case ',':
        return depth > 0 ? '|' : ',';
      default:
        return part.replaceAll(/[\\^$.|+()[\]]/g, '\\$&');
    }
  });
  return `^(?:${source.join('')}${')'.repeat(depth)})$`;
}
