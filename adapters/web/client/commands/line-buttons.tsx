import type { Button } from '../../../../src/chat/admin/answer.ts';

export interface LineButtonsProps {
  readonly buttons: readonly Button[];
  readonly onRun: (line: string) => void;
}

const styles = { primary: 'button primary', danger: 'button danger' } as const;

/** Buttons that run lines. */
export function LineButtons({ buttons, onRun }: LineButtonsProps) {
  if (buttons.length === 0) return null;
  return (
    <div className="row palette-buttons">
      {buttons.map(({ label, line, style }) => (
        <button
          key={line}
          type="button"
          className={style === undefined ? 'button' : styles[style]}
          onClick={() => onRun(line)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
