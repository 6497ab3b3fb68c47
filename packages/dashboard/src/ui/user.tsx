import type { JSX } from 'preact';
import type { Names } from '../api/use-names.js';
import { screenOf } from '../format/ids.js';
import { Copy } from './copy.js';
import { Id } from './id.js';

/** A user by name where it is known, else by id; null is the app itself. */
export function User({ id, app, names }: { readonly id: string | null; readonly app: string; readonly names?: Names }): JSX.Element {
  if (id === null) return <span class="muted">the app</span>;
  const name = names?.get(id);
  if (name === undefined) return <Id id={id} app={app} />;
  return <span class="id"><a href={screenOf(id, app)} title={id}>{name}</a><Copy text={id} label={`Copy ${id}`} /></span>;
}
