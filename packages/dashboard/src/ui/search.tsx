import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface SearchProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onSearch: (value: string) => void;
}

/** A field that is sent by Enter or by its button. */
export function Search({ label, placeholder, value, onSearch }: SearchProps): JSX.Element {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const submit = (event: Event): void => {
    event.preventDefault();
    onSearch(typed.trim());
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <input type="search" aria-label={label} placeholder={placeholder} value={typed} spellcheck={false} autoComplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />
      <button type="submit" class="button">Find</button>
    </form>
  );
}
