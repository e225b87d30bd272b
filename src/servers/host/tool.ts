import type { z } from 'zod';

/** What a tool found: data for programs, and a short text for people and models. */
export interface Report<Data> {
  readonly data: Data;
  readonly text: string;
}

/** A read-only tool of this server. */
export interface HostTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** It reaches beyond this host. */
  readonly usesNetwork: boolean;
  /** Throws a sentence that says what to do when it cannot answer. */
  run(args: unknown, signal: AbortSignal): Promise<Report<Record<string, unknown>>>;
}

/** A tool from its typed parts; `run` gets parsed arguments with defaults filled in. */
export function hostTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Omit<HostTool, 'input' | 'output' | 'run'> & {
    readonly input: Input;
    readonly output: Output;
    run(args: z.output<Input>, signal: AbortSignal): Promise<Report<z.output<Output>>>;
  },
): HostTool {
  return { ...tool, run: (args, signal) => tool.run(tool.input.parse(args), signal) };
}

/** Bytes for people, in powers of 1024. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** A share as a percentage with one decimal; 0 of nothing is 0. */
export function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.round((part / whole) * 1000) / 10;
}
