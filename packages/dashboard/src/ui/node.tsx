import type { JSX } from 'preact';
import { href } from '../router/match.js';
import { Copy } from './copy.js';
import { Note } from './notes.js';

/** A node by the end of its id, which tells nodes apart; it leads to the nodes. */
export function Node({ id }: { readonly id: string }): JSX.Element {
  return <span class="id"><a href={href('/nodes', { node: id })} title={id}><code>{id.slice(-8)}</code></a><Copy text={id} label={`Copy ${id}`} /></span>;
}

/** Says whose part of an answer is missing. */
export function Missing({ nodes }: { readonly nodes: readonly string[] | undefined }): JSX.Element | null {
  if (nodes === undefined || nodes.length === 0) return null;
  return <Note kind="warn">{nodes.length === 1 ? 'A node did not answer in time. What it' : `${nodes.length} nodes did not answer in time. What they`} would have said is missing: {nodes.map((id) => <Node key={id} id={id} />)}</Note>;
}
