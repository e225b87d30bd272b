/** What Slack offers besides the words that work everywhere. */
export const moreHelp =
  'The same words follow `/aiops`, where `ask <question>` begins a thread, and `model add` and `model edit <name>` open a form.';
