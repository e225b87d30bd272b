import { resources } from '../../src/resources/index.ts';
import type { Step } from './administration.ts';
import { nonsense, numbers } from './nonsense.ts';

/** What people write who know the words by half, and who change their minds: the same on every platform. */
export const forgiving: readonly Step[] = [
  {
    who: 'admin',
    does: 'say',
    line: 'models add provider=openai name=zeta enabled=no',
    sees: ['zeta', 'is made'],
  },
  { who: 'admin', does: 'say', line: 'docter', sees: ['Did you mean', 'doctor'] },
  { who: 'admin', does: 'say', line: 'test zeta', sees: ['Did you mean', 'models test zeta'] },
  { who: 'admin', does: 'say', line: 'models list provder=openai', sees: ['models list provider=openai'] },
  { who: 'admin', does: 'say', line: 'disabled models', sees: ['models list enabled=no'] },
  { who: 'admin', does: 'press', label: 'models list enabled=no', sees: ['zeta'] },
  {
    who: 'admin',
    does: 'say',
    line: 'models edit zeta temperature 0.5',
    sees: ['models edit zeta temperature=0.5'],
  },
  { who: 'admin', does: 'press', label: 'models edit zeta temperature=0.5', sees: ['is changed'] },
  {
    who: 'admin',
    does: 'say',
    line: 'undo',
    sees: ['the LLM model zeta was changed', 'the LLM model zeta was made', 'left', 'undo last'],
  },
  { who: 'viewer', does: 'say', line: 'undo', sees: ['You changed nothing'], seesNot: ['zeta'] },
  { who: 'admin', does: 'say', line: 'undo', sees: ['was changed'] },
  { who: 'admin', does: 'press', label: 'Undo 1', sees: ['Undone', 'zeta'] },
  { who: 'admin', does: 'say', line: 'prompts add Passing prompt_text="You help."', sees: ['is made'] },
  { who: 'admin', does: 'say', line: 'models edit zeta system_prompt=Passing', sees: ['is changed'] },
  {
    who: 'admin',
    does: 'say',
    line: 'prompts delete Passing',
    sees: ['1 LLM model (zeta) loses it', 'Undo brings all of that back'],
  },
  { who: 'admin', does: 'press', label: 'Delete', sees: ['is deleted', 'Undo'] },
  { who: 'admin', does: 'say', line: 'undo last', sees: ['Undone', 'Passing'] },
  { who: 'admin', does: 'say', line: 'models show zeta', sees: ['Passing'] },
  { who: 'admin', does: 'say', line: 'undo 00000000-0000-4000-8000-000000000000', sees: ['no such change'] },
  { who: 'admin', does: 'say', line: 'settings show agent_recursion_limit', sees: ['25', 'from 5 to 100'] },
];

const known = [
  ...['models edit zeta temperature=0.5', 'models add zeta provider=openai', 'delete the model zeta'],
  ...[
    'make zeta the default model',
    'set-default zeta',
    'usage this week',
    'undo last',
    'doctor',
    'help models',
  ],
  ...['servers edit ops tool_overrides.look.effect=read', 'settings edit agent_recursion_limit 40'],
  ...[
    'list disabled models',
    'approvals show 0000aaaa',
    'trace 0000aaaa',
    'prompts delete Passing confirm=yes',
  ],
];

/** Lines that are commands but for a letter or the order of their words, and others that are nothing at all. */
export function faulty(count: number, seed = 5): readonly string[] {
  const next = numbers(seed);
  const below = (most: number) => Math.floor(next() * most);
  const near = Array.from({ length: count / 2 }, () => {
    const line = known[below(known.length)] ?? '';
    const words = line.split(' ');
    if (below(2) === 0) words.push(...words.splice(0, below(words.length)));
    const at = below(words.length);
    const letter = below(words[at]?.length ?? 0);
    return words.with(at, `${words[at]?.slice(0, letter)}${words[at]?.slice(letter + 1)}`).join(' ');
  });
  return [...near, ...nonsense(count - near.length, seed)];
}

/** The paths of all that is configured; whoever says something is noted as a person, which configures nothing. */
const configuredPaths: readonly string[] = resources
  .map(({ path }) => path)
  .filter((path) => !['people', 'identities'].includes(path));

/** What time alone changes: schedules run, and servers are looked at. */
const seen = new Set([
  'next_run',
  'next_runs',
  'last_run',
  'last_outcome',
  'last_checked',
  'last_latency_ms',
  'last_updated',
]);

/** Everything that is configured, as text: it is the same as long as nobody has changed anything. */
export async function configured(fetch: (path: string) => Promise<Response>): Promise<string> {
  const lists = configuredPaths.map(async (path) => {
    const list: unknown = await (await fetch(`/api/plugins/ai-ops/${path}/`)).json();
    return JSON.stringify(list, (key, value) => (seen.has(key) ? undefined : value), 1);
  });
  return (await Promise.all(lists)).join('\n');
}
