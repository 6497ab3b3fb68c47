import type { JSX } from 'preact';

/** A JSON value as it is. */
export function Json({ value }: { readonly value: unknown }): JSX.Element {
  return <pre class="json" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
}
