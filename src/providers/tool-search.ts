import { type Provider, ProviderError } from '../agent/provider.ts';

/** A request whose tools would never be found is refused before it is sent. */
export function withoutToolSearch(provider: Provider, name: string): Provider {
  return async function* (request, signal) {
    if (request.tools.some(({ isDeferred }) => isDeferred === true)) {
      const why = `The vendor of the model ${name}, as it is set up, searches no tools by itself. Take ProviderToolSearchMiddleware off: the bot finds tools for every model.`;
      throw new ProviderError('misconfigured', why);
    }
    yield* provider(request, signal);
  };
}
