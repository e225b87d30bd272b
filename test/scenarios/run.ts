import { expect } from 'vitest';
import type { Step } from './administration.ts';

/** A platform as the people of a scenario see it: each gives all the words that were shown. */
export interface Face {
  say(who: Step['who'], line: string): Promise<string>;
  press(who: Step['who'], label: string, row?: string): Promise<string>;
  /** Fills in the open form and tries it. */
  try(who: Step['who'], values: Readonly<Record<string, unknown>>): Promise<string>;
  /** Fills in the open form and sends it, once more where it asks whether that is meant. */
  send(who: Step['who'], values: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Runs the steps one after the other. */
export async function run(
  steps: readonly Step[],
  face: Face,
  names: Readonly<Record<string, string>>,
): Promise<void> {
  for (const step of steps) {
    const shown = await take(step, face, names);
    const about = `${step.who} ${step.does} ${'line' in step ? step.line : 'label' in step ? step.label : ''}`;
    for (const words of step.sees) expect(shown, about).toContain(words);
    for (const words of step.seesNot ?? []) expect(shown, about).not.toContain(words);
  }
}

async function take(step: Step, face: Face, names: Readonly<Record<string, string>>): Promise<string> {
  switch (step.does) {
    case 'say':
      return await face.say(step.who, filled(step.line, names));
    case 'press':
      return await face.press(step.who, step.label, step.of);
    case 'try':
      return await face.try(step.who, step.values);
    case 'send':
      return await face.send(step.who, step.values);
    default:
      return step satisfies never;
  }
}

function filled(line: string, names: Readonly<Record<string, string>>): string {
  return line.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => names[name] ?? whole);
}
