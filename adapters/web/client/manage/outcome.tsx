import { Status } from './status.tsx';

/** Whether a value of this name says how something ended, or how it stands. */
export function isOutcome(name: string): boolean {
  return /^(last_)?(outcome|state|verdict)$/.test(name);
}

/** A word of the API that says how something ended, with its sign. */
export function Outcome({ word }: { readonly word: string }) {
  return <Status name={word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ')} />;
}
