import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile; times in microseconds. */
const profileSchema = z.object({
  startTime: z.number(),
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

type Profile = z.infer<typeof profileSchema>;
type Frame = Profile['nodes'][number]['callFrame'];

/** A stretch of time on the clock of `process.hrtime`, which all processes of a machine share. Microseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Shares (0 to 1) of the time in which a process was not idle. */
export interface Shares {
  /** By package or room; what Node itself does counts for whoever asked for it. */
  readonly places: ReadonlyMap<string, number>;
  /** By function and where it is: the time in itself alone. */
  readonly functions: ReadonlyMap<string, number>;
}

/** Reads the one profile that `node --cpu-prof` left in a folder. `root` is the project's URL. */
export async function readShares(folder: string, window: Window, root: string): Promise<Shares> {
  const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`there is no profile in ${folder}`);
  const profile = profileSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
  const selfTimes = selfTimesIn(profile, window);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const frameOf = (id: number | undefined) => (id === undefined ? undefined : nodes.get(id)?.callFrame);

  const placeOf = (id: number): string => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const place = placeOfUrl(frameOf(at)?.url ?? '', root);
      if (place !== undefined) return place;
    }
    return frameOf(id)?.functionName.startsWith('(') ? (frameOf(id)?.functionName ?? '') : 'node';
  };

  const places = new Map<string, number>();
  const functions = new Map<string, number>();
  const busy = [...selfTimes].filter(([id]) => frameOf(id)?.functionName !== '(idle)');
  const total = busy.reduce((sum, [, time]) => sum + time, 0);
  for (const [id, time] of busy) {
    const frame = frameOf(id);
    if (frame === undefined) continue;
    const place = placeOf(id);
    add(places, place, time / total);
    add(functions, nameOf(frame, place, root), time / total);
  }
  return { places, functions };
}

function selfTimesIn({ startTime, samples, timeDeltas }: Profile, { from, to }: Window): Map<number, number> {
  const times = new Map<number, number>();
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    if (at >= from && at <= to) add(times, id, delta);
  }
  return times;
}

/** Undefined for Node's own code and for what is native. */
function placeOfUrl(url: string, root: string): string | undefined {
  const installed = url.split('/node_modules/').slice(1).at(-1)?.split('/');
  if (installed !== undefined) {
    const [first = '', second = ''] = installed;
    return first.startsWith('@') ? `${first}/${second}` : first;
  }
  if (!url.startsWith(root)) return undefined;
  const parts = url.slice(root.length).split('/');
  return parts.length > 2 ? parts.slice(0, 2).join('/') : parts.join('/');
}

function nameOf({ functionName, url, lineNumber }: Frame, place: string, root: string): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name.startsWith('(') ? name : `${name} (native, for ${place})`;
  const where = url.startsWith('node:') ? `${url}, for ${place}` : shorten(url, root);
  return `${name} ${where}:${lineNumber + 1}`;
}

function shorten(url: string, root: string): string {
  return url.startsWith(root) ? url.slice(root.length).replace(/^node_modules\//, '') : url;
}

function add<Key>(sums: Map<Key, number>, key: Key, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
