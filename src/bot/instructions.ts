import { systemPrompt } from '../agent/prompt.ts';
import {
  type PromptText,
  type PromptValues,
  promptVariables,
  renderPrompt,
  unknownVariables,
} from '../resources/prompt-template.ts';
import type { ServerInstructions } from '../tools/port.ts';

/** Where the model is spoken to. */
export interface Scene extends PromptValues {
  /** Several people write in the thread. */
  readonly manyPeople: boolean;
  /** What trusted servers say of how to use them. Absent: nothing. */
  readonly servers?: readonly ServerInstructions[];
  /** What this turn is about, where it is not an ordinary one. */
  readonly task?: string;
}

/** What the model is told before a conversation: the admins' prompt with its values, and what always holds. */
export function instructions(prompt: PromptText | undefined, scene: Scene): string {
  return systemPrompt({
    ...(prompt === undefined ? {} : { text: renderPrompt(prompt, scene) }),
    today: promptVariables.current_datetime(scene),
    hasTools: scene.tools.length > 0,
    manyPeople: scene.manyPeople,
    servers: scene.servers ?? [],
    task: scene.task ?? '',
  });
}

/** A prompt as the model would get it, with the variables in it that nobody knows. */
export function previewPrompt(
  prompt: PromptText,
  scene: Scene,
): { readonly text: string; readonly unknown: readonly string[] } {
  return { text: instructions(prompt, scene), unknown: unknownVariables(prompt) };
}
