/** How forms call settings that several vendors have: each other than the fields that stand beside them. */
export const serverAddress = { title: 'Server address' };
export const spokenApi = { title: 'API that it speaks' };
export const topP = { title: 'Share of likely words (top_p)' };
export const answerLimit = { title: 'Longest answer, where not set above' };
