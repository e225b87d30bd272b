import type { ContentBlock, RawContentBlockDelta } from '@anthropic-ai/sdk/resources/messages/messages';
import type { ToolCall } from '../agent/messages.ts';
import type { ModelEvent } from '../agent/provider.ts';
import type { StoredBlocks } from './anthropic-turns.ts';
import { parseCall } from './tool-shape.ts';

/** A block of an answer while it is streamed. */
export interface Draft {
  readonly block: ContentBlock;
  /** Its text, its thought, or its arguments as JSON. */
  text: string;
  signature: string;
}

/** Servers that imitate Anthropic may give a block whole at its start. */
export function toDraft(block: ContentBlock): Draft {
  switch (block.type) {
    case 'text':
      return { block, text: block.text, signature: '' };
    case 'thinking':
      return { block, text: block.thinking, signature: block.signature };
    case 'tool_use':
    case 'server_tool_use':
      return { block, text: textOf(block.input), signature: '' };
    default:
      return { block, text: '', signature: '' };
  }
}

function textOf(input: unknown): string {
  const isEmpty = typeof input !== 'object' || input === null || Object.keys(input).length === 0;
  return isEmpty ? '' : JSON.stringify(input);
}

/** Adds a delta to its block and tells what it says. */
export function grow(draft: Draft, delta: RawContentBlockDelta): readonly ModelEvent[] {
  switch (delta.type) {
    case 'text_delta':
      draft.text += delta.text;
      return said('text', delta.text);
    case 'thinking_delta':
      draft.text += delta.thinking;
      return said('reasoning', delta.thinking);
    case 'input_json_delta':
      draft.text += delta.partial_json;
      return [];
    case 'signature_delta':
      draft.signature += delta.signature;
      return [];
    default:
      return [];
  }
}

/** Text or a thought; nothing when it is empty. */
export function said(type: 'text' | 'reasoning', text: string): readonly ModelEvent[] {
  return text === '' ? [] : [{ type, text }];
}

/** The calls of an answer. `isCut`: it ended at a limit, and its last block may not be whole. */
export function toCalls(drafts: readonly Draft[], isCut: boolean): readonly ToolCall[] {
  return drafts.flatMap(({ block, text }, index) => {
    if (block.type !== 'tool_use') return [];
    const call = parseCall(block.id, block.name, text);
    const isLost = isCut && index === drafts.length - 1 && text.trim() === '';
    return [isLost ? { ...call, invalid: 'the answer was cut before they came' } : call];
  });
}

/** The blocks as they go back. Anthropic sends empty texts and refuses them. */
export function toBlocks(drafts: readonly Draft[]): StoredBlocks['blocks'] {
  return drafts.flatMap(({ block, text, signature }): StoredBlocks['blocks'] => {
    switch (block.type) {
      case 'text':
        return text.trim() === '' ? [] : [{ ...block, text }];
      case 'thinking':
        return [{ ...block, thinking: text, signature }];
      case 'tool_use':
      case 'server_tool_use':
        return [{ ...block, input: parseCall(block.id, block.name, text).arguments }];
      default:
        return [{ ...block }];
    }
  });
}

/** Whether an answer must go back as it came. Plain text and calls need not, a thought without its end cannot. */
export function mustReturn(drafts: readonly Draft[]): boolean {
  const isPlain = ({ block }: Draft) => block.type === 'text' || block.type === 'tool_use';
  const isBroken = ({ block, signature }: Draft) => block.type === 'thinking' && signature === '';
  return !drafts.every(isPlain) && !drafts.some(isBroken);
}
