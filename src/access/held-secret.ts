/** What a text holds that must not be stored: in words for people. */
export type HeldSecret = 'a private key' | 'a signed token (JWT)' | 'a URL with a password' | 'a key';

/** Keys of well-known vendors, wherever they stand; each is bounded, so that long texts cost little. */
const vendorKeys = [
  // OpenAI, Anthropic and those that write keys as they do; Slack; GitHub; Hugging Face; AWS
  'sk-[A-Za-z0-9_-]{20,}',
  'xox[abeprs]-[A-Za-z0-9-]{10,}',
  'xapp-\\d-[A-Za-z0-9-]{10,}',
  'gh[pousr]_[A-Za-z0-9]{20,}',
  'github_pat_[A-Za-z0-9_]{22,}',
  'hf_[A-Za-z0-9]{20,}',
  'A[KS]IA[A-Z0-9]{16}',
  // Google, GitLab, Stripe, Groq, xAI, Perplexity
  'AIza[0-9A-Za-z_-]{35}',
  'ya29\\.[A-Za-z0-9_-]{20,}',
  'GOCSPX-[A-Za-z0-9_-]{20,}',
  'gl(?:pat|dt|rt|ft|oas|ptt|agent|soat|cbt|imt)-[A-Za-z0-9_-]{20,}',
  '[sr]k_(?:live|test)_[A-Za-z0-9]{16,}',
  'whsec_[A-Za-z0-9+/]{20,}',
  '(?:gsk_|xai-|pplx-)[A-Za-z0-9]{32,}',
  // Azure: a client's secret, keys of connection strings
  '[A-Za-z0-9_~.-]{3}\\dQ~[A-Za-z0-9_~.-]{31,34}',
  '(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}',
  // npm, PyPI, SendGrid, Twilio, DigitalOcean, Vault, Databricks, Grafana, Atlassian, Terraform, Telegram, age
  'npm_[A-Za-z0-9]{36}',
  'pypi-[A-Za-z0-9_-]{50,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
  'SK[0-9a-f]{32}',
  'do[opr]_v1_[a-f0-9]{64}',
  'hv[sbr]\\.[A-Za-z0-9_-]{20,}',
  'dapi[a-f0-9]{32}',
  'gl(?:sa|c)_[A-Za-z0-9_=+/]{32,}',
  'ATATT3[A-Za-z0-9_=-]{20,}',
  '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_-]{40,}',
  '\\d{8,10}:AA[A-Za-z0-9_-]{33}',
  'AGE-SECRET-KEY-1[0-9A-Z]{50,}',
].join('|');

const vendorKey = new RegExp(`(?<![A-Za-z0-9_])(?:${vendorKeys})`);
const slackHook = /hooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{16,}/;
/** Forty letters are AWS's secret key where it is called so. */
const awsSecret = /secret_?access_?key["']?\s{0,5}[:=]\s{0,5}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i;
/** With a body: whoever explains how a key looks writes none. Lines may be spaces, or written as `\n`. */
const pem =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[A-Za-z-]{1,30}: [^\n]{0,200}\n)*[A-Za-z0-9+/=]{32}/;
const putty = /PuTTY-User-Key-File-\d:[\s\S]{0,4000}Private-Lines:/;
const urlPassword = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/?#:@<>"']{0,200}:([^\s/?#@<>"']{1,500})@[^\s/?#@]/gi;
/** What stands for a password and is none: `***`, `$PASSWORD`, `${PASSWORD}`, `{{password}}`, `[password]`, `…`. */
const stand = /^(?:\*+|x+|\.{3}|…|\$[A-Za-z_{(].*|%[A-Z_]+%|\{.*\}|\[.*\])$/i;
const jwt = /(?<![A-Za-z0-9_.-])([A-Za-z0-9_-]{10,2000})\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{8,}/g;

/** What of a secret stands in a text, wherever it stands. Undefined: nothing that is known to be one. */
export function heldSecret(text: string): HeldSecret | undefined {
  if (pem.test(text) || putty.test(text)) return 'a private key';
  if (vendorKey.test(text) || slackHook.test(text) || awsSecret.test(text)) return 'a key';
  if ([...text.matchAll(urlPassword)].some(([, password = '']) => !stand.test(password)))
    return 'a URL with a password';
  return [...text.matchAll(jwt)].some(([, head = '']) => isJwtHead(head))
    ? 'a signed token (JWT)'
    : undefined;
}

/** https://www.rfc-editor.org/rfc/rfc7519#section-5: a JSON object that says by what it is signed. */
function isJwtHead(part: string): boolean {
  try {
    const head: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof head === 'object' && head !== null && 'alg' in head;
  } catch {
    return false;
  }
}

/** Why a text that holds a secret is not stored, and what to do; the text is not repeated. */
export function heldSentence(held: HeldSecret): string {
  if (held === 'a URL with a password')
    return 'This holds what looks like a URL with a password; it would be shown and logged, so it is not stored here. Leave name and password out, and refer to the secret where one is asked for.';
  return `This holds what looks like ${held}; keys are not stored here. Put it into a variable, a file or Vault, and refer to it where a secret is asked for: env:NAME, file:name or vault:mount/path#field.`;
}
