import type { Resources } from '../../../resources/manage.ts';
import { type Part, responses, sharedSchemas } from './answers.ts';
import { chatPaths, chatSchemas } from './chat-paths.ts';
import { otherPaths, otherSchemas } from './other-paths.ts';
import { describeResource } from './resource-paths.ts';
import { usagePaths, usageSchemas } from './usage-paths.ts';

/** The whole HTTP API as an OpenAPI 3.1 document: resources from their definitions, the rest by hand. */
export function openApiDocument(resources: Resources, version: string): Part {
  const described = resources.all.map((resource) => describeResource(resources, resource));
  return {
    openapi: '3.1.0',
    info: {
      title: 'AI Ops Bot',
      version,
      description:
        'Everything that admins manage, and the chat. Errors are `{detail, code, reference_id}`, or sentences by field.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    tags: [
      { name: 'chat', description: 'Talking to the bot, and deciding what it may do.' },
      ...described.map(({ tag }) => tag),
      { name: 'audit', description: 'Who did what.' },
      { name: 'usage', description: 'What model calls used and cost.' },
      { name: 'api', description: 'The API itself.' },
      { name: 'health', description: 'How the bot is.' },
    ],
    paths: merged([chatPaths, ...described.map(({ paths }) => paths), otherPaths, usagePaths]),
    components: {
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'Write “Token ”, with the space, and the API token.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'ai_ops_session',
          description: 'The session of the web console.',
        },
      },
      responses,
      schemas: merged([
        sharedSchemas,
        chatSchemas,
        otherSchemas,
        usageSchemas,
        ...described.map(({ schemas }) => schemas),
      ]),
    },
  };
}

function merged(parts: readonly Part[]): Part {
  return Object.assign({}, ...parts);
}
