import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface Labelled {
  readonly label: string;
  readonly hint?: ComponentChildren;
}

export interface TextFieldProps extends Labelled {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'number' | 'search' | 'email';
  readonly required?: boolean;
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly placeholder?: string;
  readonly rows?: number;
}

export function TextField({ label, hint, value, onInput, rows, type = 'text', autoComplete = 'off', ...rest }: TextFieldProps): JSX.Element {
  const id = useId();
  const described = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows === undefined
        ? <input id={id} type={type} value={value} autoComplete={autoComplete} spellcheck={false} aria-describedby={described} {...rest} onInput={(event) => onInput(event.currentTarget.value)} />
        : <textarea id={id} rows={rows} value={value} spellcheck={false} aria-describedby={described} required={rest.required} placeholder={rest.placeholder} onInput={(event) => onInput(event.currentTarget.value)} />}
      {hint !== undefined && <p class="hint" id={described}>{hint}</p>}
    </div>
  );
}

export interface SelectFieldProps extends Labelled {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly (readonly [value: string, text: string])[];
}

export function SelectField({ label, hint, value, onChange, options }: SelectFieldProps): JSX.Element {
  const id = useId();
  const described = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} aria-describedby={described} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, text]) => <option key={option} value={option} selected={option === value}>{text}</option>)}
      </select>
      {hint !== undefined && <p class="hint" id={described}>{hint}</p>}
    </div>
  );
}

export interface CheckFieldProps extends Labelled {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function CheckField({ label, hint, checked, onChange }: CheckFieldProps): JSX.Element {
  const id = useId();
  const described = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div class="field check">
      <input id={id} type="checkbox" checked={checked} aria-describedby={described} onChange={(event) => onChange(event.currentTarget.checked)} />
      <label for={id}>{label}</label>
      {hint !== undefined && <p class="hint" id={described}>{hint}</p>}
    </div>
  );
}
