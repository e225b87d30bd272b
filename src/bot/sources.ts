import type { Step } from '../agent/steps.ts';
import { clipped } from '../chat/clipped.ts';
import type { Reply } from '../chat/reply.ts';

const most = 10;

/** The pages that a turn's tools pointed to, each once, in their order. */
export function sourcesOf(steps: readonly Step[]): Pick<Reply, 'sources'> {
  const links = steps.flatMap((step) =>
    step.type === 'result' && step.ran ? (step.message.links ?? []) : [],
  );
  const titles = new Map(
    links.filter(({ uri }) => URL.canParse(uri)).map(({ uri, name }) => [uri, titleOf(uri, name)] as const),
  );
  if (titles.size === 0) return {};
  return { sources: [...titles].slice(0, most).map(([url, title]) => ({ title, url })) };
}

function titleOf(uri: string, name: string | undefined): string {
  const title = name?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return clipped(title === '' ? new URL(uri).host : title, 80);
}
