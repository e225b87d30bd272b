import type { Json, JsonObject } from '../agent/json.ts';

/** What the layers around a turn keep with it, and what they have to say to people. */
export interface TurnState {
  get(name: string): Json | undefined;
  set(name: string, value: Json): void;
  /** Sentences for people, in the order in which they were said. */
  notices(): readonly string[];
  notice(text: string): void;
  /** All of it, if it changed since it was taken last: to be stored with the turn. */
  take(): JsonObject | undefined;
}

/** No layer is called so. */
const noticesKey = '';
const mostNotices = 20;

/** Begins with what earlier activations have stored. */
export function createTurnState(stored: JsonObject = {}): TurnState {
  const values = new Map<string, Json>();
  for (const [name, value] of Object.entries(stored)) if (value !== undefined) values.set(name, value);
  let isChanged = false;

  function set(name: string, value: Json): void {
    values.set(name, value);
    isChanged = true;
  }

  function notices(): readonly string[] {
    const said = values.get(noticesKey);
    return Array.isArray(said) ? said.map(String) : [];
  }

  return {
    get: (name) => values.get(name),
    set,
    notices,
    notice(text) {
      const said = notices();
      if (!said.includes(text) && said.length < mostNotices) set(noticesKey, [...said, text]);
    },
    take() {
      if (!isChanged) return undefined;
      isChanged = false;
      return Object.fromEntries(values);
    },
  };
}
