import { pathToFileURL } from 'node:url';

/** A process of the bot whose clock is wrong by so much, which speaks to the small chat platform. */
const offsetMs = Number(process.env.CLOCK_OFFSET_MS);
const RealDate = Date;

class SkewedDate extends RealDate {
  constructor(...args: readonly [] | readonly [string | number | Date]) {
    super(args.length === 0 ? RealDate.now() + offsetMs : args[0]);
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}

globalThis.Date = new Proxy(RealDate, {
  construct: (_target, args) =>
    args.length > 1 ? Reflect.construct(RealDate, args) : Reflect.construct(SkewedDate, args),
  get: (target, name) => (name === 'now' ? SkewedDate.now : Reflect.get(target, name)),
});

await import(pathToFileURL(new URL('../../delivery/worker.ts', import.meta.url).pathname).href);
