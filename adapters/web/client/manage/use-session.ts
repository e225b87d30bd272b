import { useEffect, useState } from 'react';
import { readMe } from '../api.ts';
import { useNavigation } from '../navigation.tsx';
import { onSession } from './session.ts';

/**
 * Whether the session is over while something here is not saved. With nothing to lose, `onSignedOut` takes
 * the page away instead. Looks again when the person comes back from another tab.
 */
export function useSession(onSignedOut: () => void): boolean {
  const { isHeld } = useNavigation();
  const [isOut, setOut] = useState(false);

  useEffect(
    () =>
      onSession((isSignedIn) => {
        if (isSignedIn || isHeld()) setOut(!isSignedIn);
        else onSignedOut();
      }),
    [isHeld, onSignedOut],
  );

  useEffect(() => {
    if (!isOut) return;
    const lookAgain = () => void readMe().then(() => setOut(false), ignore);
    addEventListener('focus', lookAgain);
    return () => removeEventListener('focus', lookAgain);
  }, [isOut]);

  return isOut;
}

const ignore = () => undefined;
