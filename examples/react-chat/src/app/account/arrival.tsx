import { useClient } from '@talaria/sdk/react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useAccount } from './account-context.js';
import { Splash } from '../parts/splash.js';

export interface ArrivalProps {
  /** Of somebody who is new here; undefined for who has been here before. */
  readonly name: string | undefined;
  readonly children: ReactNode;
}

/** Who is new takes their name and joins the lobby: people find those with whom they share a conversation. Below it there is a client. */
export function Arrival({ name, children }: ArrivalProps) {
  const client = useClient();
  const { config: { lobbyId } } = useAccount();
  const done = useRef(false);
  useEffect(() => {
    if (!client || name === undefined || done.current) return;
    done.current = true;
    // Both are in the outbox: they are done once, also when the page is loaded again before. Who is a member already joins by nothing.
    if (name !== '') client.command('users.update', { user_id: 'me', name }).catch(() => undefined);
    if (lobbyId !== '') client.command('requests.create', { conversation_id: lobbyId }).catch(() => undefined);
  }, [client, name, lobbyId]);
  return client ? children : <Splash>Starting…</Splash>;
}
