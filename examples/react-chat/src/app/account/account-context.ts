import type { Identity, IdentitySession } from '@talaria/sdk/identity';
import { createContext, useContext } from 'react';
import type { Config } from '../config.js';

export interface SignedIn {
  readonly config: Config;
  readonly identity: Identity;
  readonly session: IdentitySession;
  /** The session has another state: a guest has become an account. */
  readonly update: (session: IdentitySession) => void;
  readonly signOut: () => Promise<void>;
}

export const AccountContext = createContext<SignedIn | undefined>(undefined);

/** Who uses this page. @throws Error before somebody has signed in */
export function useAccount(): SignedIn {
  const account = useContext(AccountContext);
  if (!account) throw new Error('Nobody is signed in.');
  return account;
}

/** The user's own id. */
export const useMe = (): string => useAccount().session.userId;
