/** Words with which a message may begin that the bot understands by itself, without a model. */
const words =
  /^(help|health|tools|run|resources|read|prompts|prompt|acknowledge|snooze|reopen|status|approvals|stop)\b/i;

/** Whether a message may be one that needs no model: those are worth their way also where there is none. */
export function mayNeedNoModel(text: string): boolean {
  return words.test(text.trim());
}
