/** Talaria's own identity, for apps that have switched it on: who uses this device, and the tokens for `connect`. */
import type { LoggedIn } from '@talaria/protocol/types';
import { TalariaError } from '../errors.js';
import { attempt } from '../http.js';
import { memoryIdentityStore, type IdentityStore } from './store.js';

/** Which app, and where the session is kept. */
export interface IdentityOptions {
  /** The server, e.g. `https://chat.example.com`. */
  readonly url: string;
  /** The app's public key, `pk_…`. */
  readonly app: string;
  /** Default: in memory, as long as this object lives. */
  readonly store?: IdentityStore;
  /** Told when the session has ended other than by `logout`: it was revoked, has expired, or its refresh token was used elsewhere. */
  readonly onEnd?: () => void;
  /** How long a request may take, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: the environment's own. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

/** What a session is to know of the device that it is on. */
export interface Device {
  /** Your own id of the device; the server makes one when there is none. */
  readonly deviceId?: string;
  /** What the user is shown in the list of sessions. */
  readonly deviceName?: string;
}

/** Who is logged in on this device. */
export interface IdentitySession {
  readonly userId: string;
  readonly sessionId: string;
  readonly deviceId: string;
  /** Whether the user has no login yet. */
  readonly guest: boolean;
}

/** Who uses this device. Made by `createIdentity`. */
export interface Identity {
  /** Who is logged in on this device, as far as is known here. @returns null when nobody is */
  current(): Promise<IdentitySession | null>;
  /** Makes an account and logs in. A guest becomes the account. @throws TalariaError `invalid_credentials` also where the login is taken */
  register(login: string, password: string, device?: Device): Promise<IdentitySession>;
  /** @throws TalariaError invalid_credentials, rate_limited */
  login(login: string, password: string, device?: Device): Promise<IdentitySession>;
  /** @param name that others see */
  guest(name?: string, device?: Device): Promise<IdentitySession>;
  /** Ends the session, here and on the server. */
  logout(): Promise<void>;
  /** A user token that is good for a while, for `connect({ token: identity.token })`. @throws TalariaError `unauthenticated` when nobody is logged in */
  readonly token: (context?: { readonly reason: string }) => Promise<string>;
}

/** What the store keeps of what the server gives. */
type Kept = Omit<LoggedIn, 'refresh_expires_at'>;

/** A token that ends sooner is exchanged: it is still good when it arrives. */
const EARLY_MS = 30_000;
/** Refusals behind which the session is over. */
const OVER: ReadonlySet<string> = new Set(['revoked', 'invalid_token']);

/** @param options where the server is, and which app @returns who uses this device */
export function createIdentity({ url, app, store = memoryIdentityStore(), onEnd, timeoutMs = 30_000, fetch = globalThis.fetch, now = Date.now }: IdentityOptions): Identity {
  const base = url.replace(/\/+$/, '');
  /** One after the other: two exchanges at once would be of one and the same refresh token. */
  let tail: Promise<unknown> = Promise.resolve();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = tail.then(run, run);
    tail = turn.catch(() => undefined);
    return turn;
  }

  async function ask(operation: string, input: object): Promise<unknown> {
    return attempt(fetch, {
      url: new URL(`${base}/v1/identity/${operation}`), method: 'POST', headers: { 'content-type': 'application/json', 'talaria-app': app }, body: JSON.stringify(input),
    }, timeoutMs, undefined);
  }

  async function kept(): Promise<Kept | null> {
    const text = await store.get();
    try {
      const value: unknown = text === null ? null : JSON.parse(text);
      return typeof value === 'object' && value !== null && 'refresh_token' in value ? (value as Kept) : null;
    } catch {
      // Somebody else's, or half written: nobody is logged in.
      return null;
    }
  }

  async function begin(operation: string, input: object): Promise<IdentitySession> {
    const session = await ask(operation, input) as Kept;
    const former = await kept();
    await keep(session);
    // The session that was here before is not left behind.
    if (former) await ask('logout', { refresh_token: former.refresh_token }).catch(() => undefined);
    return shown(session);
  }

  async function keep({ user_id, session_id, device_id, guest, token, expires_at, refresh_token }: Kept): Promise<void> {
    await store.set(JSON.stringify({ user_id, session_id, device_id, guest, token, expires_at, refresh_token } satisfies Kept));
  }

  /** Another tab may have exchanged it meanwhile: what is kept is read each time. */
  async function exchange(force: boolean): Promise<Kept> {
    const session = await kept();
    if (!session) throw new TalariaError('unauthenticated', 'Nobody is logged in.', { remediation: 'Log in first.' });
    if (!force && session.expires_at - now() > EARLY_MS) return session;
    try {
      const next = await ask('refresh', { refresh_token: session.refresh_token }) as Kept;
      await keep(next);
      return next;
    } catch (error) {
      if (error instanceof TalariaError && OVER.has(error.code) && (await kept())?.refresh_token === session.refresh_token) {
        await store.set(null);
        onEnd?.();
      }
      throw error;
    }
  }

  const withDevice = ({ deviceId, deviceName }: Device = {}): object => ({ ...(deviceId === undefined ? {} : { device_id: deviceId }), ...(deviceName === undefined ? {} : { device_name: deviceName }) });
  return {
    async current() {
      const session = await kept();
      return session && shown(session);
    },
    register: (login, password, device) => inTurn(async () => {
      // A token that is good now shows whose guest it is.
      const guest = (await kept())?.guest === true ? await exchange(true) : undefined;
      await ask('register', { login, password, ...(guest ? { refresh_token: guest.refresh_token } : {}) });
      return begin('login', { login, password, ...withDevice(device) });
    }),
    login: (login, password, device) => inTurn(() => begin('login', { login, password, ...withDevice(device) })),
    guest: (name = '', device) => inTurn(() => begin('guest', { name, ...withDevice(device) })),
    logout: () => inTurn(async () => {
      const session = await kept();
      await store.set(null);
      if (session) await ask('logout', { refresh_token: session.refresh_token });
    }),
    // The server has refused the one that is kept: another one is asked for, whatever its time says.
    token: (context) => inTurn(async () => (await exchange(context?.reason === 'expired' || context?.reason === 'rejected')).token),
  };
}

const shown = ({ user_id: userId, session_id: sessionId, device_id: deviceId, guest }: Kept): IdentitySession => ({ userId, sessionId, deviceId, guest });
