import type { Operator } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { Badge } from '../ui/notes.js';

export function operatorState({ disabled, login }: Operator): JSX.Element {
  if (disabled) return <Badge kind="bad">disabled</Badge>;
  return login === null ? <Badge kind="warn">invited</Badge> : <Badge kind="good">active</Badge>;
}
