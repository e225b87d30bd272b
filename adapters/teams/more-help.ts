/** What Teams offers besides the words that work everywhere. */
export const moreHelp =
  'In a channel I hear the first message of a thread only when it mentions me, and in a group chat each one. `model add` and `model edit <name>` open a form.';
