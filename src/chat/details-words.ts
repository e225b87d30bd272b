/** What the button is called behind which a reply tells what it rests on. */
export const detailsWord = 'Details';

/** What a click on it says when nothing is known of the reply any more. */
export const detailsGone = 'I know nothing of this any more.';
