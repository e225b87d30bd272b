import type { ReactNode } from 'react';
import { ChipsInput } from './chips-input.tsx';
import { ChoiceInput } from './choice-input.tsx';
import type { ControlProps } from './control.ts';
import { JsonInput } from './json-input.tsx';
import { NumberInput } from './number-input.tsx';
import { PairsInput } from './pairs-input.tsx';
import { ParagraphInput } from './paragraph-input.tsx';
import { PrincipalInput } from './principal-input.tsx';
import { ReferenceInput } from './reference-input.tsx';
import { RowsInput } from './rows-input.tsx';
import { SecretInput } from './secret-input.tsx';
import { SwitchInput } from './switch-input.tsx';
import { TextInput } from './text-input.tsx';
import { TextsInput } from './texts-input.tsx';
import { TicksInput } from './ticks-input.tsx';
import { TimeInput } from './time-input.tsx';

/** The control by which a field is asked for. */
export function Control(props: ControlProps): ReactNode {
  const { widget } = props.field;
  switch (widget.type) {
    case 'text':
    case 'place':
      return <TextInput {...props} />;
    case 'paragraph':
      return <ParagraphInput {...props} />;
    case 'number':
      return <NumberInput {...props} />;
    case 'switch':
      return <SwitchInput {...props} />;
    case 'choice':
      return <ChoiceInput {...props} />;
    case 'texts':
      if (widget.isClosed === true) return <TicksInput {...props} />;
      return widget.choices === undefined ? <TextsInput {...props} /> : <ChipsInput {...props} />;
    case 'pairs':
      return <PairsInput {...props} />;
    case 'reference':
      return <ReferenceInput {...props} />;
    case 'principal':
      return <PrincipalInput {...props} />;
    case 'secret':
      return <SecretInput {...props} />;
    case 'json':
      return widget.rows === undefined ? (
        <JsonInput {...props} />
      ) : (
        <RowsInput {...props} rows={widget.rows} />
      );
    case 'time':
      return <TimeInput {...props} />;
    default:
      return widget satisfies never;
  }
}

/** Whether a control is made of several, so that its label names a group. */
export function isGroup({ field, draft }: Pick<ControlProps, 'field' | 'draft'>): boolean {
  const { type } = field.widget;
  return type === 'texts' || type === 'pairs' || (type === 'json' && typeof draft === 'object');
}
