import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 1_500;

export interface CopyProps {
  readonly text: string;
  /** What it is, for who cannot see it: `Copy the id`. */
  readonly label: string;
  /** A button with words instead of a picture. */
  readonly wide?: boolean;
}

export function Copy({ text, label, wide = false }: CopyProps): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    await write(text);
    setCopied(true);
  };
  return (
    <button type="button" class={wide ? 'button' : 'copy'} aria-label={copied ? 'Copied' : label} title={wide ? undefined : label} onClick={() => void copy()}>
      {wide ? (copied ? 'Copied' : 'Copy') : <Picture done={copied} />}
    </button>
  );
}

/** Without TLS there is no clipboard to write to; a selection can be copied. */
async function write(text: string): Promise<void> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) return clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'off-screen';
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
  return undefined;
}

function Picture({ done }: { readonly done: boolean }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
      {done ? <path d="M3 8.5l3.5 3.5L13 4.5" /> : <><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 3V2.8A1.3 1.3 0 0 0 9.2 1.5H3A1.5 1.5 0 0 0 1.5 3v6.2c0 .7.6 1.3 1.3 1.3H3" /></>}
    </svg>
  );
}
