/** The visitor's side of the conversation: a guest, a store that outlives the page, and a timeline. */
import { connect, type Client } from '@talaria/sdk';
import { createIdentity, webIdentityStore, type IdentitySession } from '@talaria/sdk/identity';
import { indexedDbStore } from '@talaria/sdk/indexeddb';
import { views, type Timeline, type Views } from '@talaria/sdk/views';

export interface Settings {
  readonly url: string;
  readonly app: string;
  /** The app's own id of the user whom visitors write to. */
  readonly support: string;
}

export interface Chat {
  readonly screen: Views;
  readonly timeline: Timeline;
  readonly userId: string;
}

const placeOf = ({ app, support }: Settings): string => `talaria-support ${app} ${support}`;

/** Whether this browser has been here before, so that an answer may have come meanwhile. */
export const isKnown = (settings: Settings): boolean => localStorage.getItem(placeOf(settings)) !== null;

/**
 * @param onEnd the guest's session is over: it has expired, or was revoked. The next one is another guest
 * @throws TalariaError the first time in this browser, when the server cannot be reached or refuses
 */
export async function openChat(settings: Settings, onEnd: () => void): Promise<Chat> {
  const { url, app, support } = settings;
  const place = placeOf(settings);
  const name = `Visitor ${String(crypto.getRandomValues(new Uint32Array(1))[0]! % 9_000 + 1_000)}`;
  let client: Client | undefined;
  const ended = (): void => {
    void client?.close();
    onEnd();
  };
  const identity = createIdentity({ url, app, store: webIdentityStore(localStorage, place), onEnd: ended });
  const begin = async (): Promise<IdentitySession> => await identity.current() ?? await identity.guest(name);
  // Two tabs at once are one guest. Pages without TLS have no locks.
  const { userId } = await ('locks' in navigator ? navigator.locks.request(place, begin) : begin());
  client = connect({ url, app, token: identity.token, store: indexedDbStore(`${place} ${userId}`, { persist: false }) });
  client.on('status', (status) => {
    // Refused for good: whether the session is over, only an exchange tells.
    if (status.state === 'closed' && status.error) void identity.token({ reason: 'rejected' }).catch(() => undefined);
  });
  try {
    const known = localStorage.getItem(`${place} ${userId}`);
    // A pair of users has one direct conversation: whoever asks again gets the same.
    const id = known ?? (await client.conversations.create({ kind: 'direct', members: [`ext:${support}`], data: { visitor: name, page: location.host } })).id;
    localStorage.setItem(`${place} ${userId}`, id);
    const screen = views(client);
    return { screen, timeline: screen.timeline(id), userId };
  } catch (error) {
    await client.close();
    throw error;
  }
}
