/** How an investigation ends: the headings that the model is asked for, and that people look for. */
export const investigationParts = [
  { name: 'Summary', help: 'What is wrong and why, in a few sentences.' },
  { name: 'Evidence', help: 'What supports it, each with the tool that showed it.' },
  {
    name: 'What I could not look at',
    help: 'What failed, was missing or was not allowed; “nothing” only if that is so.',
  },
  { name: 'Confidence', help: 'high, medium or low, with the reason.' },
  { name: 'Suggested next steps', help: 'What people should do or look at next, the most useful first.' },
] as const;
