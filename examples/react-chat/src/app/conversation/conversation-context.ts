import type { TimelineActions } from '@talaria/sdk/react';
import type { ConversationView, TimelineEntry } from '@talaria/sdk/views';
import { createContext, useContext } from 'react';

export type MessageView = TimelineEntry['message'];

/** What the messages of a list can ask for. The same object as long as the list is the same. */
export interface MessageCommands {
  readonly timeline: TimelineActions;
  /** Undefined in a thread: it has no threads of its own. */
  readonly openThread: ((message: MessageView) => void) | undefined;
  readonly quote: (message: MessageView) => void;
  readonly edit: (message: MessageView) => void;
  readonly show: (dialog: MessageDialog) => void;
  /** Shows a message of the same conversation. */
  readonly jump: (message: Pick<MessageView, 'seq' | 'thread_id' | 'in_main'>) => void;
}

export interface MessageDialog {
  readonly kind: 'delete' | 'hide' | 'history' | 'receipts';
  readonly message: MessageView;
}

/** What changes seldom, apart from the conversation, which changes with each message: so that a message is not rendered with it. */
export interface Cast {
  /** The names of members whom a message may mention, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** Quoted messages as they were last seen, by id: what scrolls into view again is there at once. */
  readonly quotes: Map<string, MessageView>;
}

export const CommandsContext = createContext<MessageCommands | undefined>(undefined);
export const OpenedContext = createContext<ConversationView | undefined>(undefined);
export const CastContext = createContext<Cast | undefined>(undefined);

export function useCommands(): MessageCommands {
  const commands = useContext(CommandsContext);
  if (!commands) throw new Error('There is no list of messages around this.');
  return commands;
}

/** The conversation that is open. */
export function useOpened(): ConversationView {
  const opened = useContext(OpenedContext);
  if (!opened) throw new Error('No conversation is open.');
  return opened;
}

export function useCast(): Cast {
  const cast = useContext(CastContext);
  if (!cast) throw new Error('No conversation is open.');
  return cast;
}
