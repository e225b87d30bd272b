import { Logo } from './logo.tsx';

const EXAMPLES = [
  'How is this machine doing?',
  'Which processes use the most memory?',
  'Is any disk about to fill up?',
  'What can you do, and what will you ask me first?',
];

/** What a person sees who has not asked anything yet. */
export function EmptyState({ onAsk }: { readonly onAsk: (text: string) => void }) {
  return (
    <div className="empty">
      <Logo />
      <h2>What do you want to know?</h2>
      <p>I look things up with the tools that your team approved, and I ask before I change anything.</p>
      <ul className="examples">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" className="button example" onClick={() => onAsk(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
