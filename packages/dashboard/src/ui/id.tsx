import type { JSX } from 'preact';
import { screenOf, short } from '../format/ids.js';
import { Copy } from './copy.js';

export interface IdProps {
  readonly id: string;
  /** The app that it is of. */
  readonly app?: string | undefined;
  readonly full?: boolean;
}

/** An id: a link to its screen, and to be copied. */
export function Id({ id, app, full = false }: IdProps): JSX.Element {
  const address = screenOf(id, app);
  const text = full ? id : short(id);
  return (
    <span class={full ? 'id full' : 'id'}>
      {address === undefined ? <code title={id}>{text}</code> : <a href={address} title={id}><code>{text}</code></a>}
      <Copy text={id} label={`Copy ${id}`} />
    </span>
  );
}
