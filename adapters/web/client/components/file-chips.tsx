import { CrossIcon, ImageIcon, PageIcon } from './icons.tsx';

export interface FileChip {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
}

export interface FileChipsProps {
  readonly files: readonly FileChip[];
  /** Absent: they can no longer be taken back. */
  readonly onRemove?: (id: string) => void;
}

/** The files of a message by their names; nothing without any. */
export function FileChips({ files, onRemove }: FileChipsProps) {
  if (files.length === 0) return null;
  return (
    <ul className="files" aria-label="Files">
      {files.map(({ id, name, mediaType }) => (
        <li key={id} className="file">
          {mediaType === 'application/pdf' ? <PageIcon /> : <ImageIcon />}
          <span className="clip" title={name}>
            {name}
          </span>
          {onRemove && (
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove ${name}`}
              onClick={() => onRemove(id)}
            >
              <CrossIcon />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
