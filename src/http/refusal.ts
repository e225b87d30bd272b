/** A request is refused at the HTTP edge: how, and a sentence that says what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** A stable word for programs. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    { status, code }: { readonly status: number; readonly code: string },
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
