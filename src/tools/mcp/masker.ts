/** Below this many characters a value is likely to be an ordinary word. */
const shortestSecret = 6;
const shortestPart = 8;

/** Takes these values, their longer words, and the user part of URLs out of a text. */
export function masker(secrets: readonly string[]): (text: string) => string {
  const parts = secrets.flatMap((secret) =>
    secret.split(/\s+/).filter((part) => part.length >= shortestPart),
  );
  const worthHiding = [...secrets.filter((secret) => secret.length >= shortestSecret), ...parts];
  return (text) =>
    worthHiding
      .reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
      .replaceAll(/:\/\/[^/\s@]+@/g, '://***@');
}
