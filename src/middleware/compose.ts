import type { Middleware, ModelNext, Onions, ToolNext, TurnNext } from '../agent/middleware.ts';

/** Lower priority is further out; equal priorities go by name. Layers without a part cost nothing there. */
export function compose(layers: readonly Middleware[]): Onions {
  const inward = [...layers].sort((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
  const outward = inward.toReversed();
  const searched = inward.find((layer) => layer.searched !== undefined)?.searched;
  return {
    ...(searched === undefined ? {} : { searched }),
    tools: inward.flatMap(({ tools = [] }) => tools),
    turn: (core) =>
      outward.reduce<TurnNext>((next, layer) => {
        const around = layer.turn;
        return around === undefined ? next : (input) => around(input, next);
      }, core),
    model: (core) =>
      outward.reduce<ModelNext>((next, layer) => {
        const around = layer.model;
        return around === undefined ? next : (request, signal) => around(request, next, signal);
      }, core),
    tool: (core) =>
      outward.reduce<ToolNext>((next, layer) => {
        const around = layer.tool;
        return around === undefined ? next : (input, signal) => around(input, next, signal);
      }, core),
  };
}
