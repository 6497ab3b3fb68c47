import type { JSX } from 'preact';
import { Badge } from '../ui/notes.js';

const KINDS = { info: 'plain', warn: 'warn', error: 'bad' } as const;

export function LevelBadge({ level }: { readonly level: 'info' | 'warn' | 'error' }): JSX.Element {
  return <Badge kind={KINDS[level]}>{level}</Badge>;
}
