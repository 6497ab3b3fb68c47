/** Who is signed in, and the one way to ask the server. */
import type { SignedIn } from '@talaria/protocol/types';
import { operatorMay } from '@talaria/protocol/operators';
import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { createAsk, type Ask, type OperationId } from '../api/client.js';
import { Refusal } from '../api/refusal.js';
import { takeLink } from './link-in-address.js';

export type SessionState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unknown'; readonly refusal: Refusal }
  | { readonly kind: 'out'; /** Whether somebody was signed in a moment ago. */ readonly ended: boolean }
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'in'; readonly signedIn: SignedIn };

export interface Session {
  readonly state: SessionState;
  readonly ask: Ask;
  enter(signedIn: SignedIn): void;
  /** Ends the session here and at the server. @throws Refusal */
  signOut(): Promise<void>;
  /** Asks again who is signed in; a link that was opened is let go. */
  look(): void;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('There is no session around this.');
  return session;
}

export interface Operator {
  readonly signedIn: SignedIn;
  /** Whether the role lets them; the server holds it as well. */
  may(id: OperationId): boolean;
}

const OperatorContext = createContext<Operator | undefined>(undefined);

/** Who is signed in. Only below `OperatorProvider`. */
export function useOperator(): Operator {
  const operator = useContext(OperatorContext);
  if (!operator) throw new Error('Nobody is signed in.');
  return operator;
}

export function OperatorProvider({ signedIn, children }: { readonly signedIn: SignedIn; readonly children: ComponentChildren }): JSX.Element {
  const operator = useMemo<Operator>(() => ({ signedIn, may: (id) => operatorMay(signedIn.operator.role, id) }), [signedIn]);
  return <OperatorContext.Provider value={operator}>{children}</OperatorContext.Provider>;
}

export function SessionProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [state, setState] = useState<SessionState>(begin);
  const csrf = useRef('');
  const ask = useMemo(() => createAsk({
    fetch: (...args) => fetch(...args), csrfToken: () => csrf.current,
    onEnded: () => setState((before) => (before.kind === 'in' ? { kind: 'out', ended: true } : before)),
  }), []);
  const enter = (signedIn: SignedIn): void => {
    csrf.current = signedIn.csrf_token;
    setState({ kind: 'in', signedIn });
  };
  const look = (): void => {
    ask('session.get', {}).then(enter, (error: unknown) => {
      setState(error instanceof Refusal && !error.sessionEnded ? { kind: 'unknown', refusal: error } : { kind: 'out', ended: false });
    });
  };
  useEffect(() => {
    if (state.kind === 'asking') look();
    // A link that is pasted while the page is open changes the fragment only.
    const changed = (): void => {
      const link = takeLink(window);
      if (link !== undefined) setState({ kind: 'link', link });
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  const session = useMemo<Session>(() => ({
    state, ask, enter,
    async signOut() {
      await ask('session.delete', {});
      csrf.current = '';
      setState({ kind: 'out', ended: false });
    },
    look() {
      setState({ kind: 'asking' });
      look();
    },
  }), [state]);
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

function begin(): SessionState {
  const link = takeLink(window);
  return link === undefined ? { kind: 'asking' } : { kind: 'link', link };
}
