import type { JSX } from 'preact';
import { Copy } from './copy.js';

/** The same by the command line. */
export function Command({ text }: { readonly text: string }): JSX.Element {
  return <div class="command"><span class="prompt" aria-hidden="true">$</span><code>{text}</code><Copy text={text} label="Copy the command" /></div>;
}
