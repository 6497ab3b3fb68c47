import { createContext, createElement, useContext, useEffect, useState, type FunctionComponentElement, type ProviderProps, type ReactNode } from 'react';
import type { Client } from '../client.js';
import { TalariaError } from '../errors.js';
import { Session } from './session.js';

/** A client, or how one is made. */
export interface TalariaProviderProps {
  readonly children?: ReactNode;
  /** A client of the app's own: it stays connected when the provider goes. */
  readonly client?: Client;
  /**
   * Makes the client, in the browser only: when the provider is mounted. It is closed a moment after the provider is gone. Asked once:
   * give the provider another `key` for another user.
   */
  readonly connect?: () => Client;
}

/** What the hooks find. */
export interface Place {
  /** Undefined on a server, and until the provider is mounted. */
  readonly session: Session | undefined;
  /** Resolves when there is a session. */
  readonly mounted: Promise<void>;
}

const Context = createContext<Place | undefined>(undefined);

/** Owns the client of a provider: React mounts a component twice in development, and that must not be two connections. */
class Owner {
  readonly mounted: Promise<void>;
  private session: Session | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private resolve!: () => void;

  constructor() {
    this.mounted = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  mount(client: Client | undefined, connect: (() => Client) | undefined): Session {
    clearTimeout(this.timer);
    this.session ??= new Session(client ?? make(connect));
    this.resolve();
    return this.session;
  }

  unmount(owned: boolean): void {
    this.timer = setTimeout(() => {
      this.session?.close();
      if (owned) void this.session?.client.close();
      this.session = undefined;
    });
  }
}

function make(connect: (() => Client) | undefined): Client {
  if (!connect) throw new TalariaError('invalid_argument', 'TalariaProvider needs a client, or a function that connects one.');
  return connect();
}

/** Gives the components below a client: that of the app, or one of its own. */
export function TalariaProvider({ children, client, connect }: TalariaProviderProps): FunctionComponentElement<ProviderProps<Place | undefined>> {
  const [owner] = useState(() => new Owner());
  const [place, setPlace] = useState<Place>({ session: undefined, mounted: owner.mounted });
  useEffect(() => {
    setPlace({ session: owner.mount(client, connect), mounted: owner.mounted });
    return () => owner.unmount(client === undefined);
    // What `connect` was first is what it is: an arrow function is another one each time.
  }, [owner, client]);
  return createElement(Context.Provider, { value: place }, children);
}

/** @throws TalariaError invalid_argument outside of a provider */
export function usePlace(): Place {
  const place = useContext(Context);
  if (!place) throw new TalariaError('invalid_argument', 'There is no TalariaProvider around this component.');
  return place;
}

/** The client; undefined on a server, and until the provider is mounted. */
export function useClient(): Client | undefined {
  return usePlace().session?.client;
}
