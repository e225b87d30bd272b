/** Types that LangChain, in Python or in JavaScript, calls otherwise: by its name in small letters. */
const ours: ReadonlyMap<string, string> = new Map([
  ['anthropicpromptcaching', 'PromptCachingMiddleware'],
  ['bedrockpromptcaching', 'PromptCachingMiddleware'],
  ['llmtoolemulator', 'LLMToolEmulatorMiddleware'],
  ['llmtoolselector', 'LLMToolSelectorMiddleware'],
  ['openaimoderation', 'ModerationMiddleware'],
  ['pii', 'PIIMiddleware'],
  ['piiredaction', 'PIIMiddleware'],
  ['toolemulator', 'LLMToolEmulatorMiddleware'],
  ['toolerror', 'ToolErrorHandlerMiddleware'],
  ['toolerrorhandler', 'ToolErrorHandlerMiddleware'],
]);

/** The name here of what LangChain calls so; any other name stays as it is. `toolErrorMiddleware` is a function of its. */
export function ownName(given: string): string {
  const name = given.trim();
  const own = ours.get(name.replace(/Middleware$/i, '').toLowerCase());
  if (own !== undefined) return own;
  return /^[a-z].*Middleware$/.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}
