import { createRequire } from 'node:module';
import { ConnectorClient } from 'botframework-connector';
import { z } from 'zod';
import { isRecord, records } from '../../src/chat/json.ts';

const mapperSchema = z.object({ type: z.record(z.string(), z.unknown()) });

/**
 * botbuilder 4.23.3 sends of an entity only `type`, `text` and `mentioned`: no stream, no AI label, no
 * citation would arrive. The fix was merged and never released
 * (https://github.com/microsoft/botbuilder-js/pull/4903); this is the same line. Calling it again does
 * nothing.
 */
export function keepEntityProperties(): void {
  const mappers: unknown = createRequire(import.meta.url)(
    'botframework-connector/lib/connectorApi/models/mappers',
  );
  const entity = isRecord(mappers) ? mappers.Entity : undefined;
  if (!mapperSchema.safeParse(entity).success) throw new Error(broken);
  // The library reads this very object, so that it must be changed in place.
  if (isRecord(entity) && isRecord(entity.type))
    Object.assign(entity.type, { additionalProperties: { type: { name: 'Object' } } });
}

const broken =
  'botbuilder would drop what the bot says beside its words (streams, AI label, citations). Install the versions of package-lock.json with `npm ci`.';

const probe = { type: 'streaminfo', streamType: 'final', nested: { list: [{ '@type': 'Claim' }] } };

/** Lets botbuilder write an activity, and throws when it loses any property of an entity. Calls nobody. */
export async function proveEntities(): Promise<void> {
  let written = '';
  const client = new ConnectorClient(
    { signRequest: async (request) => request },
    {
      baseUri: 'https://probe.invalid/',
      httpClient: {
        async sendRequest({ body, headers, ...request }) {
          written = String(body);
          return { request: { body, headers, ...request }, headers, status: 200, bodyAsText: '{}' };
        },
      },
    },
  );
  await client.conversations.sendToConversation('probe', { type: 'message', entities: [probe] });
  const sent: unknown = JSON.parse(written);
  const [entity] = isRecord(sent) ? records(sent.entities) : [];
  if (JSON.stringify(entity) !== JSON.stringify(probe)) throw new Error(broken);
}
