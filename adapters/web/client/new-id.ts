/** A random id. `crypto.randomUUID` would need a secure origin, which a bot on a plain LAN address is not. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
