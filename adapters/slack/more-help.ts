/** What Slack offers besides the words that work everywhere. */
export const moreHelp =
  'The same words follow `/aiops`, where `ask <question>` begins a thread. Administrators write `/aiops help models` and the like, such as `/aiops models add`, `/aiops servers` or `/aiops usage week`; exact commands work in messages as well.';
