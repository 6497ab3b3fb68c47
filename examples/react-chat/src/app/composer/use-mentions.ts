import type { Mentions } from '@talaria/sdk';
import { useId, useState, type KeyboardEvent, type RefObject } from 'react';

export interface MentionsOptions {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly setText: (text: string) => void;
  /** Members, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** Who writes, and is not offered. */
  readonly me: string;
  /** Whether all can be mentioned at once. */
  readonly everyone: boolean;
}

export interface MentionChoice {
  readonly id: string;
  readonly name: string;
}

export interface MentionState {
  readonly open: boolean;
  /** Of the list; each choice has it with its number. */
  readonly id: string;
  readonly choices: readonly MentionChoice[];
  readonly active: number;
  readonly activeId: string;
  readonly choose: (choice: MentionChoice) => void;
  /** The caret has moved. */
  readonly look: () => void;
  /** @returns whether the key was for the list */
  readonly press: (event: KeyboardEvent) => boolean;
}

const BEGUN = /(?:^|\s)@([\p{L}\p{N}]{0,30})$/u;
const CHOICES = 6;
const EVERYONE = 'everyone';

/** Completes `@` and the beginning of a name. */
export function useMentions({ field, text, setText, names, me, everyone }: MentionsOptions): MentionState {
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  /** For which beginning the user wants no list. */
  const [closed, setClosed] = useState<string>();
  const begun = BEGUN.exec(text.slice(0, caret))?.[1]?.toLocaleLowerCase();
  const all = [...[...names].filter(([userId]) => userId !== me).map(([userId, name]) => ({ id: userId, name })), ...(everyone ? [{ id: EVERYONE, name: EVERYONE }] : [])];
  const choices = begun === undefined || begun === closed ? [] : all.filter(({ name }) => name.toLocaleLowerCase().split(' ').some((word) => word.startsWith(begun))).slice(0, CHOICES);
  const at = Math.min(active, Math.max(0, choices.length - 1));

  const choose = ({ name }: MentionChoice): void => {
    const start = caret - (begun?.length ?? 0);
    const next = `${text.slice(0, start)}${name} `;
    setText(next + text.slice(caret));
    setActive(0);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.length, next.length);
    });
  };
  const press = (event: KeyboardEvent): boolean => {
    const chosen = choices[at];
    if (!chosen) return false;
    switch (event.key) {
      case 'ArrowDown': setActive((at + 1) % choices.length); break;
      case 'ArrowUp': setActive((at + choices.length - 1) % choices.length); break;
      case 'Enter':
      case 'Tab': choose(chosen); break;
      case 'Escape': setClosed(begun); break;
      default: return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    open: choices.length > 0, id, choices, active: at, activeId: `${id}${at}`, choose, press,
    look: () => setCaret(field.current?.selectionStart ?? 0),
  };
}

/** Whom a text mentions: members whose names stand in it behind an `@`. @returns undefined for nobody */
export function mentionsOf(text: string, names: ReadonlyMap<string, string>, everyone: boolean, me: string): Mentions | undefined {
  const userIds = [...names].filter(([id, name]) => id !== me && name !== '' && text.includes(`@${name}`)).map(([id]) => id).slice(0, MENTIONS_MAX);
  const all = everyone && new RegExp(`@${EVERYONE}\\b`, 'u').test(text);
  return userIds.length > 0 || all ? { userIds, everyone: all } : undefined;
}

const MENTIONS_MAX = 50;
