import type { OperationOutput } from '@talaria/sdk';
import { useClient } from '@talaria/sdk/react';
import type { ConversationView, UserView } from '@talaria/sdk/views';
import { useEffect, useState } from 'react';
import { useMe } from '../account/account-context.js';

export type Hit = OperationOutput<'search.messages'>['items'][number];

export interface Found {
  /** For what this is; what is being asked for may be another. */
  readonly query: string;
  readonly people: readonly UserView[];
  readonly conversations: readonly ConversationView[];
  readonly messages: readonly Hit[];
  readonly error: string | undefined;
}

const PAUSE_MS = 200;
const PEOPLE = 6;
const CONVERSATIONS = 6;
const MESSAGES = 30;

/** Asks the server when the user pauses. @returns undefined until there is a first answer; then the last one */
export function useSearch(query: string): Found | undefined {
  const client = useClient();
  const me = useMe();
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (!client || query === '') return;
    const ended = new AbortController();
    const { signal } = ended;
    const ask = async (): Promise<void> => {
      try {
        const [people, conversations, messages] = await Promise.all([
          client.call('search.users', { q: query, limit: PEOPLE }, { signal }), client.call('search.conversations', { q: query, limit: CONVERSATIONS }, { signal }),
          client.call('search.messages', { q: query, prefix: true, limit: MESSAGES }, { signal }),
        ]);
        setFound({ query, people: people.items.filter(({ id }) => id !== me), conversations: conversations.items, messages: messages.items, error: undefined });
      } catch (error) {
        if (!signal.aborted) setFound({ query, people: [], conversations: [], messages: [], error: error instanceof Error ? error.message : String(error) });
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [client, me, query]);
  return found;
}

/** People by the beginning of their names. */
export function usePeopleSearch(query: string): { readonly people: readonly UserView[]; readonly done: boolean; readonly error: string | undefined } {
  const client = useClient();
  const me = useMe();
  const [found, setFound] = useState<{ readonly query: string; readonly people: readonly UserView[]; readonly error?: string }>({ query: '', people: [] });
  useEffect(() => {
    if (!client || query === '') return;
    const ended = new AbortController();
    const timer = setTimeout(() => {
      client.call('search.users', { q: query, limit: 20 }, { signal: ended.signal }).then(
        ({ items }) => setFound({ query, people: items.filter(({ id }) => id !== me) }),
        (error: unknown) => {
          if (!ended.signal.aborted) setFound({ query, people: [], error: error instanceof Error ? error.message : String(error) });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [client, me, query]);
  return query === '' ? { people: [], done: false, error: undefined } : { people: found.people, done: found.query === query, error: found.error };
}
