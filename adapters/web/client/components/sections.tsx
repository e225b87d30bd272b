import { managePath } from '../route.ts';
import { Link } from './link.tsx';

export interface SectionsProps {
  readonly current: 'conversations' | 'manage';
  /** The conversation to go back to. */
  readonly conversation: string;
}

/** The two halves of the console. */
export function Sections({ current, conversation }: SectionsProps) {
  return (
    <nav className="sections" aria-label="Sections">
      <Link to={conversation} isCurrent={current === 'conversations'}>
        Conversations
      </Link>
      <Link to={managePath} isCurrent={current === 'manage'}>
        Manage
      </Link>
    </nav>
  );
}
