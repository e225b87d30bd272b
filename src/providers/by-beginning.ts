/** What is known of a name by its beginning; the longest beginning wins. Undefined: nothing. */
export function byBeginning<Facts>(known: Readonly<Record<string, Facts>>, name: string): Facts | undefined {
  const beginnings = Object.keys(known).filter((beginning) => name.startsWith(beginning));
  const longest = beginnings.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : known[longest];
}
