/**
 * What administrators do from a chat, as data: every platform's double runs the same steps. `{…}` stands for
 * what the stage brings: `{llm}` and `{mcp}` are URLs, `{node}` and `{program}` a stdio server, `{viewer}` a
 * principal.
 */
export type Step = {
  readonly who: 'admin' | 'viewer';
  /** Texts that the answer holds. */
  readonly sees: readonly string[];
  readonly seesNot?: readonly string[];
} & (
  | { readonly does: 'say'; readonly line: string }
  /** A button or an entry of a menu of the last answer; `of` names the row. */
  | { readonly does: 'press'; readonly label: string; readonly of?: string }
  /** The form that is open: tried, or sent. */
  | { readonly does: 'try' | 'send'; readonly values: Readonly<Record<string, unknown>> }
);

const model =
  'name=night provider=openai model_secret_key=env:OPENAI_API_KEY model_config.base_url={llm}/v1 model_config.api=chat';

export const administration: readonly Step[] = [
  { who: 'admin', does: 'say', line: 'help models', sees: ['models add', 'model_secret_key'] },
  {
    who: 'admin',
    does: 'say',
    line: 'providers add custom description="Ours"',
    sees: ['custom', 'is made', 'Ours'],
  },
  { who: 'admin', does: 'say', line: 'providers', sees: ['custom', 'openai', 'Ours'] },
  { who: 'admin', does: 'say', line: `models add ${model}`, sees: ['night (default)', 'is made', 'Undo'] },
  { who: 'admin', does: 'press', label: 'Test', sees: ['It answered', 'ms'] },
  {
    who: 'admin',
    does: 'say',
    line: 'models',
    sees: ['night (default)', '⭐', 'Provider: openai', 'Last test: ok in'],
  },

  { who: 'admin', does: 'say', line: 'models add', sees: ['Provider', 'Secret reference'] },
  {
    who: 'admin',
    does: 'try',
    values: { name: 'day', llm_provider: 'openai', model_secret_key: 'env:NO_SUCH_KEY' },
    sees: ['❌', 'NO_SUCH_KEY'],
  },
  {
    who: 'admin',
    does: 'send',
    values: { name: 'day', llm_provider: 'openai', model_secret_key: 'env:NO_SUCH_KEY', is_enabled: false },
    sees: ['day', 'is made'],
  },
  {
    who: 'admin',
    does: 'say',
    line: 'models add leak provider=openai model_secret_key=sk-0123456789abcdefghijklmnop',
    sees: ['looks like a key'],
    seesNot: ['sk-0123456789'],
  },

  { who: 'admin', does: 'say', line: 'servers add web url={mcp} form=yes', sees: ['Health check'] },
  { who: 'admin', does: 'try', values: {}, sees: ['✅', 'It speaks MCP and lists 1 tool', 'look', 'ms'] },
  { who: 'admin', does: 'say', line: 'servers add web url={mcp}', sees: ['web', 'is made'] },
  {
    who: 'admin',
    does: 'say',
    line: 'servers add name=local protocol=stdio command={node} args={program}',
    sees: ['local', 'is made'],
  },
  { who: 'admin', does: 'say', line: 'check server web', sees: ['web', 'Healthy', 'ms'] },
  { who: 'admin', does: 'say', line: 'servers health-check local', sees: ['local', 'Healthy'] },
  { who: 'admin', does: 'say', line: 'servers tools web', sees: ['look', 'asks first'] },
  {
    who: 'admin',
    does: 'say',
    line: 'servers',
    sees: ['🟢', 'web', 'Health: Healthy', 'Last check:', 'Tools: 1', 'Latency:'],
  },
  { who: 'admin', does: 'press', label: 'Disable', of: 'web', sees: ['web', 'is disabled', 'Undo'] },
  { who: 'admin', does: 'press', label: 'Undo', sees: ['Undone'] },
  { who: 'admin', does: 'say', line: 'disable the server called web', sees: ['is disabled'] },
  { who: 'admin', does: 'say', line: 'servers list enabled=no', sees: ['web'], seesNot: ['local'] },

  {
    who: 'admin',
    does: 'say',
    line: 'prompts add Team prompt_text="You help the team."',
    sees: ['Team', 'is made'],
  },
  { who: 'admin', does: 'say', line: 'prompts edit Team', sees: ['You help the team.'] },
  {
    who: 'admin',
    does: 'send',
    values: { prompt_text: 'You help everybody.' },
    sees: ['You help the team.', 'You help everybody.', 'Undo'],
  },
  { who: 'admin', does: 'press', label: 'Undo', sees: ['Undone'] },
  { who: 'admin', does: 'say', line: 'show prompt Team', sees: ['You help the team.'] },

  {
    who: 'admin',
    does: 'say',
    line: 'token add pipeline permissions=chat public',
    sees: ['pipeline', 'shown this once'],
  },
  { who: 'viewer', does: 'say', line: 'usage', sees: ['view_usage', 'who can grant it'] },
  {
    who: 'viewer',
    does: 'say',
    line: 'models delete night',
    sees: ['ai_ops.delete_llmmodel', 'who can grant it'],
  },
  { who: 'viewer', does: 'say', line: 'servers', sees: ['web'], seesNot: ['Delete', 'Disable'] },
  {
    who: 'admin',
    does: 'say',
    line: 'grants add role=admin principal={viewer} note="On call"',
    sees: ['is made', 'admin'],
  },
  { who: 'viewer', does: 'say', line: 'usage', sees: ['Today', 'This month'] },
  { who: 'admin', does: 'press', label: 'Undo', sees: ['Undone'] },
  { who: 'viewer', does: 'say', line: 'usage', sees: ['view_usage'] },

  { who: 'admin', does: 'say', line: 'make default model day', sees: ['day is the default now', 'Undo'] },
  { who: 'admin', does: 'press', label: 'Undo', sees: ['Undone'] },
  { who: 'admin', does: 'say', line: 'show model night', sees: ['night (default)'] },
  { who: 'admin', does: 'say', line: 'models delete day', sees: ['Delete the LLM model'] },
  { who: 'admin', does: 'press', label: 'Delete', sees: ['is deleted', 'Undo'] },
  { who: 'admin', does: 'say', line: 'modles list', sees: ['Did you mean'] },
  {
    who: 'admin',
    does: 'say',
    line: 'modles edt nihgt temprature=1',
    sees: ['models edit night temperature=1'],
  },
  { who: 'admin', does: 'say', line: 'approvals', sees: ['Nothing waits for a decision'] },
  { who: 'viewer', does: 'say', line: 'approvals', sees: ['permission approve', 'who can grant it'] },
  {
    who: 'admin',
    does: 'say',
    line: 'middleware add model=night type=ShellToolMiddleware',
    sees: ['is made', 'is not built into this version'],
  },
  {
    who: 'admin',
    does: 'say',
    line: 'doctor',
    sees: ['Database', 'Model night', 'Middleware ShellToolMiddleware on night', 'Server local', 'Disk'],
  },
  { who: 'viewer', does: 'say', line: 'doctor', sees: ['ai_ops.change_llmmodel', 'who can grant it'] },
];
