import { checkThoughts } from './anthropic-thoughts.ts';
import { anthropicError, invalid } from './anthropic-words.ts';
import {
  isBlind,
  isRecord,
  type JsonRecord,
  type RecordedRequest,
  type Refusal,
  recordsOf,
} from './script.ts';

const namePattern = /^[a-zA-Z0-9_-]{1,128}$/;
const idPattern = /^[a-zA-Z0-9_-]+$/;

/** What Anthropic refuses in a request. */
export function checkRequest(body: JsonRecord, { headers }: RecordedRequest): Refusal | undefined {
  const messages = recordsOf(body.messages);
  return (
    checkHeaders(headers) ??
    checkBody(body) ??
    checkThinking(body) ??
    checkTools(recordsOf(body.tools)) ??
    checkMarks(body) ??
    checkRoles(messages) ??
    first(messages, (message, index) => checkBlocks(message, `messages.${index}.content`)) ??
    checkCalls(messages) ??
    checkThoughts(body, messages) ??
    checkEyes(body, messages)
  );
}

function first<T>(
  items: readonly T[],
  check: (item: T, index: number) => Refusal | undefined,
): Refusal | undefined {
  return items.map(check).find((refusal) => refusal !== undefined);
}

function checkHeaders(headers: RecordedRequest['headers']): Refusal | undefined {
  if (headers['x-api-key'] === undefined && headers.authorization === undefined) {
    return anthropicError(401, 'authentication_error', 'x-api-key header is required');
  }
  return headers['anthropic-version'] === undefined
    ? invalid('anthropic-version: header is required')
    : undefined;
}

function checkBody(body: JsonRecord): Refusal | undefined {
  if (typeof body.model !== 'string' || body.model === '') return invalid('model: Field required');
  if (typeof body.max_tokens !== 'number') return invalid('max_tokens: Field required');
  if (body.stream !== true) return invalid('stream: This server only streams.');
  const sampling = ['temperature', 'top_p', 'top_k'].find((name) => body[name] !== undefined);
  if (sampling !== undefined) return invalid(`${sampling}: Extra inputs are not permitted`);
  return recordsOf(body.messages).length === 0
    ? invalid('messages: at least one message is required')
    : undefined;
}

const isNew = (model: unknown) => /-5(-|$)|-4-[78]/.test(String(model)) && !/-4-5/.test(String(model));
const isOld = (model: unknown) => /-4-5/.test(String(model));

function checkThinking({ model, thinking, max_tokens: maxTokens, output_config: output }: JsonRecord) {
  if (isOld(model) && isRecord(output) && /haiku|sonnet/.test(String(model))) {
    return invalid('This model does not support the effort parameter.');
  }
  if (!isRecord(thinking)) return undefined;
  if (thinking.type === 'adaptive' && isOld(model)) {
    return invalid('adaptive thinking is not supported on this model');
  }
  if (thinking.type !== 'enabled') return undefined;
  if (isNew(model)) {
    return invalid(
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    );
  }
  const budget = Number(thinking.budget_tokens);
  if (!(budget >= 1024)) return invalid('thinking.enabled.budget_tokens: Input should be at least 1024');
  return budget < Number(maxTokens)
    ? undefined
    : invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
}

function checkTools(tools: readonly JsonRecord[]): Refusal | undefined {
  if (new Set(tools.map(({ name }) => name)).size < tools.length) {
    return invalid('tools: Tool names must be unique.');
  }
  return (
    checkDeferred(tools) ??
    first(tools.filter(isOwn), ({ name, input_schema: schema }, index) => {
      const at = `tools.${index}.custom`;
      if (!namePattern.test(String(name))) return badName(`${at}.name`);
      return isRecord(schema) && schema.type === 'object'
        ? undefined
        : invalid(`${at}.input_schema.type: Field required`);
    })
  );
}

const isOwn = ({ type }: JsonRecord) => type === undefined || type === 'custom';

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool */
function checkDeferred(tools: readonly JsonRecord[]): Refusal | undefined {
  const deferred = tools.filter(({ defer_loading }) => defer_loading === true);
  if (deferred.some(({ cache_control }) => cache_control !== undefined)) {
    return invalid('tools: cache_control cannot be set on a tool with defer_loading');
  }
  return tools.length > 0 && deferred.length === tools.length
    ? invalid('At least one tool must have defer_loading=false.')
    : undefined;
}

function badName(at: string): Refusal {
  return invalid(`${at}: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
}

function checkMarks(body: JsonRecord): Refusal | undefined {
  const found = JSON.stringify(body).split('"cache_control":').length - 1;
  return found > 4
    ? invalid(`A maximum of 4 blocks with cache_control may be provided. Found ${found}.`)
    : undefined;
}

/** Only an answer that the vendor itself paused may stand last. */
function checkRoles(messages: readonly JsonRecord[]): Refusal | undefined {
  const wrong = messages.find(({ role }) => role !== 'user' && role !== 'assistant');
  if (wrong !== undefined) return invalid(`messages: Unexpected role "${wrong.role}".`);
  if (messages[0]?.role !== 'user') return invalid('messages: first message must use the "user" role');
  const last = messages.at(-1);
  const isPaused = recordsOf(last?.content).some(({ type }) => type === 'server_tool_use');
  return last?.role === 'assistant' && !isPaused
    ? invalid('This model does not support assistant message prefill.')
    : undefined;
}

function checkBlocks({ content }: JsonRecord, at: string): Refusal | undefined {
  if (typeof content === 'string') return checkText(content);
  const blocks = recordsOf(content);
  if (blocks.length === 0) return invalid(`${at}: messages must have non-empty content`);
  return first(blocks, (block, index) => checkBlock(block, `${at}.${index}`));
}

function checkText(text: unknown): Refusal | undefined {
  if (typeof text !== 'string' || text === '') {
    return invalid('messages: text content blocks must be non-empty');
  }
  return text.trim() === ''
    ? invalid('messages: text content blocks must contain non-whitespace text')
    : undefined;
}

function checkBlock(block: JsonRecord, at: string): Refusal | undefined {
  switch (block.type) {
    case 'text':
      return checkText(block.text);
    case 'tool_use':
      if (!namePattern.test(String(block.name))) return badName(`${at}.tool_use.name`);
      if (!isRecord(block.input)) return invalid(`${at}.tool_use.input: Input should be a valid dictionary`);
      return idPattern.test(String(block.id))
        ? undefined
        : invalid(`${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    case 'tool_result':
      return checkResult(block, at);
    case 'tool_search_tool_result':
      return isRecord(block.content) && block.content.type === 'tool_search_tool_search_result'
        ? undefined
        : invalid(`${at}.content: Input should be a search result`);
    case 'image':
      return isImage(block) ? undefined : invalid(`${at}.image.source: Input should be a valid image`);
    case 'document':
      return isPdf(block) ? undefined : invalid(`${at}.document.source: The PDF specified was not valid.`);
    default:
      return undefined;
  }
}

const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

function checkResult({ is_error, content }: JsonRecord, at: string): Refusal | undefined {
  if (is_error === true && !content) {
    return invalid(`${at}.tool_result: content cannot be empty if \`is_error\` is true`);
  }
  if (!Array.isArray(content)) return undefined;
  return first(recordsOf(content), ({ type, text, source }) => {
    if (type === 'text') return checkText(text);
    if (is_error === true)
      return invalid(`${at}.tool_result: all content must be type \`text\` if \`is_error\` is true`);
    return type === 'image' && isImage({ source })
      ? undefined
      : invalid(`${at}.tool_result.content: Input should be a text, image, search_result or document block`);
  });
}

function isImage({ source }: JsonRecord): boolean {
  return isBytes(source) && imageTypes.includes(String(source.media_type));
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
function isPdf({ source }: JsonRecord): boolean {
  return isBytes(source) && source.media_type === 'application/pdf' && /^JVBER/.test(String(source.data));
}

function isBytes(source: unknown): source is JsonRecord {
  return isRecord(source) && source.type === 'base64' && /^[A-Za-z0-9+/]+=*$/.test(String(source.data));
}

function checkEyes({ model }: JsonRecord, messages: readonly JsonRecord[]): Refusal | undefined {
  const sees = messages.some(({ content }) =>
    recordsOf(content).some(({ type }) => type === 'image' || type === 'document'),
  );
  return isBlind(model) && sees ? invalid(`messages: ${model} does not support image input.`) : undefined;
}

const idsOf = (message: JsonRecord | undefined, type: string, key: string) =>
  recordsOf(message?.content).flatMap((block) => (block.type === type ? [String(block[key])] : []));

/** The results of all calls of a turn stand first in the message behind it. */
function checkCalls(messages: readonly JsonRecord[]): Refusal | undefined {
  const all = messages.flatMap((message) => idsOf(message, 'tool_use', 'id'));
  if (new Set(all).size < all.length) return invalid('messages: `tool_use` ids must be unique');
  return first(messages, (message, index) => {
    const asked = idsOf(messages[index - 1], 'tool_use', 'id');
    const results = idsOf(message, 'tool_result', 'tool_use_id');
    const orphan = results.find((id) => !asked.includes(id));
    if (orphan !== undefined) return unexpected(index, orphan);
    const answered = idsOf({ content: leadingResults(messages[index + 1]) }, 'tool_result', 'tool_use_id');
    const open = idsOf(message, 'tool_use', 'id').filter((id) => !answered.includes(id));
    return open.length === 0 ? undefined : unanswered(index, open);
  });
}

function leadingResults(message: JsonRecord | undefined): readonly JsonRecord[] {
  const blocks = recordsOf(message?.content);
  const end = blocks.findIndex(({ type }) => type !== 'tool_result');
  return end < 0 ? blocks : blocks.slice(0, end);
}

function unexpected(index: number, id: string): Refusal {
  return invalid(
    `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
  );
}

function unanswered(index: number, ids: readonly string[]): Refusal {
  return invalid(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}
