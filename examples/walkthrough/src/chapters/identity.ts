/** Who is asking: OAuth for backends, Talaria's own identity, and how tokens end. */
import { connectAdmin } from '@talaria/sdk/admin';
import { createIdentity } from '@talaria/sdk/identity';
import { connect } from '@talaria/sdk';
import { noting, notingFetch, type Stage } from '../stage.js';
import { eventually, next } from '../wait.js';

const PASSWORD = 'a herring in the harbour';

export async function identity(stage: Stage): Promise<void> {
  const { story, url, app, appId, key, keyId, backend, cli, enter } = stage;
  story.chapter('Identity');

  // OAuth 2 client credentials: a key is exchanged for a token that may less.
  const granted = await fetch(new URL('/v1/oauth/token', url), {
    method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${keyId}:${key}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'users:read' }),
  });
  const { access_token: accessToken, scope } = await granted.json() as { access_token: string; scope: string };
  const reader = noting(connectAdmin({ url, key: accessToken }), story);
  const { items } = await reader.users.list({ limit: 1 });
  story.saw('a backend gets a token by OAuth, and reads users with it', scope === 'users:read' && items.length === 1, scope);
  await story.refused('it may nothing else', 'forbidden', reader.messages.send({ conversation_id: 'c_06aqx7m4e5v2k8r0d1f3g5h7j8', text: 'Hello' }));

  // Talaria's own identity, for apps without users of their own: a guest who becomes an account.
  const settings = await cli(['app', 'identity', appId, '--enabled', 'true', '--guests', 'true']) as { identity: { guests: boolean } };
  story.saw('the app switches its own identity on, by the command line', settings.identity.guests, settings);
  const options = { url, app, fetch: notingFetch(story) };
  let ended = false;
  const phone = createIdentity({ ...options, onEnd: () => void (ended = true) });
  const guest = await phone.guest('Frank', { deviceName: 'phone' });
  story.saw('Frank looks in as a guest', guest.guest);
  const frank = await phone.register('frank@example.com', PASSWORD);
  story.saw('he registers, and stays the same user', frank.userId === guest.userId && !frank.guest, frank);
  const laptop = createIdentity(options);
  await story.refused('a wrong password opens nothing', 'invalid_credentials', laptop.login('frank@example.com', 'a whale in the harbour'));
  await laptop.login('frank@example.com', PASSWORD, { deviceName: 'laptop' });
  const client = connect({ url, app, token: laptop.token });
  await client.ready();
  const token = await laptop.token({ reason: 'expired' });
  story.saw('a token is exchanged for the next one before it ends', token !== '' && client.userId === frank.userId);

  const as = noting(connectAdmin({ url, key: token }), story);
  story.saw('he sees his account', (await as.accounts.get({ user_id: 'me' })).login === 'frank@example.com');
  const { items: sessions } = await as.sessions.list({ user_id: 'me' });
  story.saw('and where he is logged in', sessions.length === 2 && sessions.some(({ current, device_name }) => current && device_name === 'laptop'), sessions);
  await as.sessions.revoke({ user_id: 'me', session_id: sessions.find(({ current }) => !current)?.id ?? '' });
  await story.refused('he ends the session of his phone from the laptop', 'revoked', phone.token({ reason: 'expired' }));
  story.saw('the app on the phone is told', ended);
  await as.accounts.password({ current_password: PASSWORD, new_password: `${PASSWORD}, two` });
  await phone.login('frank@example.com', `${PASSWORD}, two`);
  const { ended: others } = await as.sessions.clear({ user_id: 'me' });
  story.saw('with a new password he logs in anew, and ends all but this', others === 1, others);
  const kicked = closing(client);
  await backend.accounts.set({ user_id: frank.userId, password: `${PASSWORD}, three` });
  story.saw('a backend sets another password: his connection closes', (await kicked) === 'revoked', await kicked);
  await laptop.login('frank@example.com', `${PASSWORD}, three`);
  await laptop.logout();
  story.saw('he logs out', await laptop.current() === null);

  // Revocation: by device, or all; then the user as a whole.
  const tablet = await enter('erin', 'tablet');
  const watch = await enter('erin', 'watch');
  const lost = closing(tablet);
  await backend.auth.revoke({ user_id: 'ext:erin', device_id: 'tablet' });
  story.saw('tokens of a lost tablet are revoked', (await lost) === 'revoked', await lost);
  story.saw('the watch of the same user stays connected', watch.status.state === 'connected', watch.status);
  const off = closing(watch);
  await backend.users.deactivate({ user_id: 'ext:erin' });
  story.saw('who is deactivated is disconnected everywhere', (await off) === 'revoked', await off);
  const asErin = async () => noting(connectAdmin({ url, key: (await backend.auth.token({ external_id: 'erin' })).token }), story);
  await story.refused('and gets no new token', 'forbidden', asErin());
  await backend.users.reactivate({ user_id: 'ext:erin' });
  const { deactivated_ms } = await (await asErin()).users.get({ user_id: 'me' });
  story.saw('until somebody reactivates them', deactivated_ms === null, deactivated_ms);

  // What all of this came to.
  const { items: hours } = await eventually(() => backend.usage.list({}), ({ items: [hour] }) => hour !== undefined && hour.messages > 0);
  story.saw('usage counts what was sent', hours[0] !== undefined && hours[0].messages > 0, hours);
}

/** With which code a connection ends for good. */
async function closing(client: ReturnType<typeof connect>): Promise<string | undefined> {
  const status = await next<typeof client.status>('end of the connection', (listener) => client.on('status', listener), ({ state }) => state === 'closed');
  return status.state === 'closed' ? status.error?.code : undefined;
}
