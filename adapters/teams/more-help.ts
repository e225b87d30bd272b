/** What Teams offers besides the words that work everywhere. */
export const moreHelp =
  'In a channel I hear the first message of a thread only when it mentions me, and in a group chat each one. Everything is managed from here: `help models` shows how, and `/aiops` before a command forgives typing errors, such as `/aiops add a model`. What I answer to that is for you alone, unless it ends with `share`.';
