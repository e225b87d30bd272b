/**
 * What a program that a test starts gets of this process: where programs are, and a folder of this run in
 * which Node keeps what it has compiled, so that the next start of the same program takes half the work.
 */
export function childEnv(): Readonly<Record<string, string | undefined>> {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE };
}
