/** A JSON body. Undefined for what is none; the caller's schema then says so. */
export function parseJson(body: Buffer): { readonly ok: boolean; readonly value?: unknown } {
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) };
  } catch {
    return { ok: false };
  }
}
