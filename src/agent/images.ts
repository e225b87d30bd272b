import type { Message } from './messages.ts';
import type { Image } from './tool.ts';

/** No more images than these, the newest, go to the model with a request; those of more results are of no use. */
export const mostImages = 4;
/** What vendors charge for an image of the size that they scale to, roughly. */
const imageTokens = 1600;

/** The images of a turn's results, by the ids of their calls. */
export type TurnImages = ReadonlyMap<string, readonly Image[]>;

/** Adds the images of the newest result. Those of results that are too old to be shown go: they are large. */
export function addImages(images: Map<string, readonly Image[]>, callId: string, own: readonly Image[]) {
  images.set(callId, own);
  const [oldest] = images.keys();
  if (images.size > mostImages && oldest !== undefined) images.delete(oldest);
}

/** What the images that `withImages` adds cost at most. */
export function estimateImageTokens(images: TurnImages): number {
  const count = [...images.values()].reduce((sum, some) => sum + some.length, 0);
  return Math.min(count, mostImages) * imageTokens;
}

/** The messages with the newest images of their results. */
export function withImages(messages: readonly Message[], images: TurnImages): readonly Message[] {
  if (images.size === 0) return messages;
  let left = mostImages;
  return messages
    .toReversed()
    .map((message) => {
      const own = message.role === 'tool' ? (images.get(message.callId) ?? []) : [];
      const shown = own.slice(0, left);
      left -= shown.length;
      return message.role === 'tool' && shown.length > 0 ? { ...message, images: shown } : message;
    })
    .reverse();
}
