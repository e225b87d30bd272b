import { aside } from './aside.ts';

const limits = { ms: 10_000, memoryMb: 256 } as const;

/** What the thread says: that the module was read, or what it threw. */
export type Looked = 'read' | { readonly problem: string };

/**
 * Reads a module in a thread of its own, without any variable of the environment. What is wrong with what
 * stands at its top, as a sentence; undefined: nothing is. Never rejects.
 */
export async function problemAtTop(url: string): Promise<string | undefined> {
  const thread = new URL('./module-look-worker.ts', import.meta.url);
  const said = await aside<Looked>(thread, url, limits);
  switch (said.type) {
    case 'answered':
      return said.answer === 'read' ? undefined : said.answer.problem;
    case 'not-ready':
      return 'The machine was too busy to read it.';
    case 'late':
      return `It was not read within ${limits.ms / 1000} s.`;
    case 'failed':
      return said.error instanceof Error ? said.error.message : String(said.error);
    case 'exited':
      return exitProblem(said.code);
    default:
      return said satisfies never;
  }
}

/** A thread whose module awaits what nothing can bring ends by itself, with 0 or 13. */
function exitProblem(code: number): string {
  return code === 0 || code === 13
    ? 'It ends the process at its top, or awaits there what never comes.'
    : `It ends the process at its top (exit code ${code}).`;
}
