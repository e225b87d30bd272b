import { useEffect, useState } from 'react';
import { SearchIcon } from '../components/icons.tsx';

const PAUSE_MS = 200;

export interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** Searches once the person pauses. */
export function SearchBox({ label, value, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(value);

  // The address changed by other means than this box.
  if (value !== asked) {
    setAsked(value);
    setText(value);
  }

  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(() => {
      setAsked(text);
      onSearch(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, asked, onSearch]);

  return (
    <div className="search-box">
      <SearchIcon />
      <input
        type="search"
        aria-label={label}
        placeholder="Search"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
