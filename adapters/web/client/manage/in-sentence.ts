/** A heading in the small letters of a sentence; abbreviations stay. */
export function inSentence(words: string): string {
  const isAbbreviation = /^[A-Z]{2}/.test(words);
  return isAbbreviation ? words : words.charAt(0).toLowerCase() + words.slice(1);
}
