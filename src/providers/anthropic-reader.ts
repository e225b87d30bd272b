import type {
  StopReason as AnthropicStop,
  ContentBlock,
  ContentBlockParam,
  RawMessageDeltaEvent,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type { ModelEvent, StopReason, Usage } from '../agent/provider.ts';
import { type Draft, grow, mustReturn, said, toBlocks, toCalls, toDraft } from './anthropic-blocks.ts';
import type { AnthropicSettings } from './anthropic-settings.ts';
import type { ChunkReader, VendorEvent } from './vendor.ts';

export interface AnthropicReader extends ChunkReader<RawMessageStreamEvent> {
  /** The answer so far, once for each time that the vendor paused it and wants it back to go on. */
  paused(): ContentBlockParam[] | undefined;
}

/** How often a paused answer is asked to go on. */
const mostPauses = 5;

/**
 * Reads the events of one answer, over all its pauses. Unknown events are passed over. Calls come
 * last: those of an answer that is refused in the end never run. `prefix` is what the answer's
 * thoughts are bound to.
 */
export function anthropicReader(settings: AnthropicSettings, prefix: string): AnthropicReader {
  const drafts: Draft[] = [];
  /** Where the blocks of the present message begin. */
  let first = 0;
  let counts: Counts = {};
  let stop: AnthropicStop | null = null;
  let explanation = '';
  let [pauses, isPaused] = [0, false];

  /** Input is counted, and charged, from the first event on. */
  function used(): readonly VendorEvent[] {
    return [{ type: 'used', usage: toUsage(counts) }];
  }

  function startMessage(given: Counts | undefined): readonly VendorEvent[] {
    [first, counts] = [drafts.length, given ?? {}];
    return used();
  }

  function startBlock(index: number, block: ContentBlock): readonly ModelEvent[] {
    const draft = toDraft(block);
    drafts[first + index] = draft;
    if (block.type === 'text') return said('text', draft.text);
    return block.type === 'thinking' ? said('reasoning', draft.text) : [];
  }

  function takeEnd({ delta, usage: given }: RawMessageDeltaEvent): readonly VendorEvent[] {
    stop = delta.stop_reason ?? stop;
    explanation = delta.stop_details?.explanation ?? '';
    counts = newest(counts, given ?? {});
    return used();
  }

  function complete(): readonly ModelEvent[] {
    const usage: ModelEvent = { type: 'usage', usage: toUsage(counts) };
    if (stop === 'pause_turn' && pauses < mostPauses) {
      [pauses, isPaused] = [pauses + 1, true];
      return [usage];
    }
    const reason = stopReason(stop, drafts);
    const end: readonly ModelEvent[] = [usage, { type: 'stop', reason }];
    if (reason === 'refusal') return [...(isSilent(drafts) ? said('text', explanation) : []), ...end];
    const isCut = reason === 'length' || reason === 'context_overflow';
    const calls = toCalls(drafts, isCut).map((call) => ({ type: 'tool_call' as const, call }));
    const opaque = { key: settings.opaqueKey, data: { prefix, blocks: toBlocks(drafts) } };
    return [...calls, ...(mustReturn(drafts) ? [{ type: 'opaque' as const, opaque }] : []), ...end];
  }

  function read(event: RawMessageStreamEvent): readonly VendorEvent[] {
    switch (event.type) {
      case 'message_start':
        return startMessage(event.message.usage);
      case 'content_block_start':
        return startBlock(event.index, event.content_block);
      case 'content_block_delta': {
        const draft = drafts[first + event.index];
        return draft === undefined ? [] : grow(draft, event.delta);
      }
      case 'message_delta':
        return takeEnd(event);
      case 'message_stop':
        return complete();
      default:
        return [];
    }
  }

  function paused(): ContentBlockParam[] | undefined {
    if (!isPaused) return undefined;
    isPaused = false;
    return toBlocks(drafts) as unknown as ContentBlockParam[];
  }

  return { read, end: () => [], paused };
}

function isSilent(drafts: readonly Draft[]): boolean {
  return drafts.every(({ block, text }) => block.type !== 'text' || text.trim() === '');
}

function stopReason(stop: AnthropicStop | null, drafts: readonly Draft[]): StopReason {
  switch (stop) {
    case 'refusal':
      return 'refusal';
    case 'max_tokens':
    case 'pause_turn':
      return 'length';
    case 'model_context_window_exceeded':
      return 'context_overflow';
    default:
      return drafts.some(({ block }) => block.type === 'tool_use') ? 'tool_calls' : 'end';
  }
}

/** What both ends of a message say of its tokens; each later count holds the earlier ones. */
interface Counts {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens: number } | null;
}

function newest(earlier: Counts, later: Counts): Counts {
  const told = Object.entries(later).filter(([, count]) => count !== null && count !== undefined);
  return { ...earlier, ...Object.fromEntries(told) };
}

/** Anthropic's input leaves out what was read from and written to its cache. */
function toUsage(counts: Counts): Usage {
  const cacheRead = counts.cache_read_input_tokens ?? 0;
  const cacheWrite = counts.cache_creation_input_tokens ?? 0;
  return {
    input: (counts.input_tokens ?? 0) + cacheRead + cacheWrite,
    output: counts.output_tokens ?? 0,
    cacheRead,
    cacheWrite,
    reasoning: counts.output_tokens_details?.thinking_tokens ?? 0,
  };
}
