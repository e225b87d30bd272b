/** What somebody wrote, as commands are read. */
export interface Said {
  readonly text: string;
  /** They said themselves that it is one, so that faults in it are forgiven and nothing of it is talk. */
  readonly isCommand: boolean;
}

const command = /^\s*\/aiops(?:\s+([\s\S]*))?$/i;
/** What is no command of administration: tools are the bot's own, and a question is one. */
const others = /^(?:tools|run)\b/i;
const question = /^ask\s+/i;

/** What is said of a message that begins so and is no command. */
export const notUnderstood =
  'I do not know that command. `/aiops help` lists what I understand; a question needs no `/aiops` before it.';

/** `/aiops …` at the beginning of a message is read as a command, where platforms take none or not everywhere. */
export function lineOf(text: string): Said {
  const line = command.exec(text)?.[1]?.trim() ?? (command.test(text) ? 'help' : undefined);
  if (line === undefined) return { text, isCommand: false };
  if (question.test(line)) return { text: line.replace(question, ''), isCommand: false };
  if (others.test(line)) return { text: line, isCommand: false };
  return { text: line.toLowerCase() === 'health' ? 'status' : line || 'help', isCommand: true };
}
