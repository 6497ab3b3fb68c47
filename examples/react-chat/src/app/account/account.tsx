import { connect } from '@talaria/sdk';
import { createIdentity, webIdentityStore, type IdentitySession } from '@talaria/sdk/identity';
import { indexedDbStore } from '@talaria/sdk/indexeddb';
import { TalariaProvider } from '@talaria/sdk/react';
import { useEffect, useMemo, useState } from 'react';
import { AccountContext, type SignedIn } from './account-context.js';
import { Arrival } from './arrival.js';
import { SignIn } from './sign-in.js';
import type { Config } from '../config.js';
import { Splash } from '../parts/splash.js';
import { Chat } from '../shell/chat.js';

/** Of the session in `localStorage`, which all tabs share. */
const SESSION = 'react-chat session';

/** Who is here: asks for it, or connects who it is. */
export function Account({ config }: { readonly config: Config }) {
  const [session, setSession] = useState<IdentitySession | null>();
  const [name, setName] = useState<string>();
  const [ended, setEnded] = useState(false);
  const identity = useMemo(() => createIdentity({
    url: config.url, app: config.app, store: webIdentityStore(localStorage, SESSION),
    onEnd: () => {
      setEnded(true);
      setSession(null);
    },
  }), [config]);

  useEffect(() => {
    const look = (): void => void identity.current().then(setSession);
    const changed = ({ key }: StorageEvent): void => {
      // Another tab has signed in or out.
      if (key === SESSION || key === null) look();
    };
    look();
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
  }, [identity]);

  const userId = session?.userId;
  const account = useMemo<SignedIn | undefined>(() => (session ? {
    config, identity, session, update: setSession,
    signOut: async () => {
      setSession(null);
      // Without a connection the server hears of it no more; this device has forgotten the session all the same.
      await identity.logout().catch(() => undefined);
    },
  } : undefined), [config, identity, session]);

  if (session === undefined) return <Splash>Starting…</Splash>;
  if (!account || userId === undefined) {
    return <SignIn config={config} identity={identity} ended={ended} onDone={(found, newName) => {
      setEnded(false);
      setName(newName);
      setSession(found);
    }} />;
  }
  return (
    <AccountContext value={account}>
      <TalariaProvider key={userId} connect={() => connect({ url: config.url, app: config.app, token: identity.token, store: indexedDbStore(`react-chat ${config.app} ${userId}`) })}>
        <Arrival name={name}><Chat /></Arrival>
      </TalariaProvider>
    </AccountContext>
  );
}
