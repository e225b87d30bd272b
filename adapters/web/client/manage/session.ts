const answers = new EventTarget();

/** Tells the page that an answer showed whether the session still holds. */
export function tellSession(isSignedIn: boolean): void {
  answers.dispatchEvent(new Event(isSignedIn ? 'in' : 'out'));
}

/** Hears of every answer whether the session still holds; returns the way to stop. */
export function onSession(listen: (isSignedIn: boolean) => void): () => void {
  const hear = ({ type }: Event) => listen(type === 'in');
  for (const type of ['in', 'out']) answers.addEventListener(type, hear);
  return () => {
    for (const type of ['in', 'out']) answers.removeEventListener(type, hear);
  };
}
