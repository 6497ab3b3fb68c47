import type { Presence, User as UserView } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator } from '../session/session.js';
import { Id } from '../ui/id.js';
import { Json } from '../ui/json.js';
import { Badge, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel } from '../ui/screen.js';
import { currentTab, Tabs } from '../ui/tabs.js';
import { MaybeTime, Time } from '../ui/time.js';
import { AppScreen } from './app-screen.js';
import { Deactivate, RevokeTokens } from './user-dialogs.js';
import { UserBlocks } from './user-blocks.js';
import { UserConnections } from './user-connections.js';
import { UserConversations } from './user-conversations.js';
import { UserSessions } from './user-sessions.js';
import { userState } from './users.js';

const TABS = [{ name: 'profile', text: 'Profile' }, { name: 'conversations', text: 'Conversations' }, { name: 'connections', text: 'Connections' }, { name: 'sessions', text: 'Sessions' }, { name: 'blocks', text: 'Blocks' }] as const;
const PRESENCE_MS = 10_000;
const PRESENCE_KINDS = { online: 'good', away: 'warn', offline: 'plain' } as const;

/** @param id of the user, or `ext:` with the app's own */
export function UserDetail({ app, id }: { readonly app: string; readonly id: string }): JSX.Element {
  const { may } = useOperator();
  const { place } = useRouter();
  const { data: user, refusal, refresh } = useQuery('users.get', { user_id: id }, { app });
  const presence = useQuery('users.presence', user && { user_ids: [user.id] }, { app, everyMs: PRESENCE_MS }).data?.items[0];
  const [open, setOpen] = useState<'deactivate' | 'revoke'>();
  const close = (): void => setOpen(undefined);
  const done = async (): Promise<void> => {
    close();
    await refresh();
  };
  const tab = currentTab(TABS, place.query.get('tab'));
  const active = user?.deactivated_ms === null;
  return (
    <AppScreen
      app={app} title={user ? user.name || user.external_id : 'User'} crumbs={[{ text: 'Users', href: href(`/apps/${app}/users`) }]} badge={user && <>{userState(user)} {presence && <Badge kind={PRESENCE_KINDS[presence.state]}>{presence.state}</Badge>}</>} command={talaria('user show', [id])}
      actions={user && <>
        {may('auth.revoke') && <button type="button" class="button" onClick={() => setOpen('revoke')}>Revoke tokens</button>}
        {may(active ? 'users.deactivate' : 'users.reactivate') && <button type="button" class={active ? 'button danger' : 'button'} onClick={() => setOpen('deactivate')}>{active ? 'Deactivate' : 'Reactivate'}</button>}
      </>}
    >
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!refusal && <Tabs tabs={TABS} label="Parts of the user" />}
      {!user && !refusal && <Panel><Skeleton lines={5} /></Panel>}
      {user && tab === 'profile' && <Profile app={app} user={user} presence={presence} />}
      {user && tab === 'conversations' && <UserConversations app={app} user={user.id} />}
      {user && tab === 'connections' && <UserConnections app={app} user={user.id} />}
      {user && tab === 'sessions' && <UserSessions app={app} user={user} />}
      {user && tab === 'blocks' && <UserBlocks app={app} user={user} />}
      {user && open === 'deactivate' && <Deactivate app={app} user={user} onClose={close} onDone={done} />}
      {user && open === 'revoke' && <RevokeTokens app={app} user={user} onClose={close} />}
    </AppScreen>
  );
}

function Profile({ app, user, presence }: { readonly app: string; readonly user: UserView; readonly presence: Presence | undefined }): JSX.Element {
  const privacy = useQuery('privacy.get', { user_id: user.id }, { app });
  return (
    <>
      <Panel title="Profile">
        <Facts rows={[
          ['Id', <Id id={user.id} app={app} full />], ['Your id', <code>{user.external_id}</code>], ['Name', user.name || <span class="muted">none</span>], ['Made', <Time ms={user.created_ms} />], ['Changed', <Time ms={user.updated_ms} />],
          ...(user.deactivated_ms === null ? [] : [['Deactivated', <Time ms={user.deactivated_ms} />] as const]),
          ['Devices that are connected', presence ? presence.devices : '…'], ['Last connected', presence ? <MaybeTime ms={presence.last_seen_ms} none="not known" ago /> : '…'],
        ]} />
      </Panel>
      <Panel title="What others see">
        {privacy.refusal && <RefusalNote refusal={privacy.refusal} retry={() => void privacy.refresh()} />}
        {privacy.data ? <Facts rows={[
          ['Whether they are there', shown(privacy.data.last_seen)], ['What they have read', shown(privacy.data.receipts)], ['That they are typing', shown(privacy.data.typing)],
          ['Messages of those they block, in groups', privacy.data.hide_blocked ? 'hidden from them' : 'shown to them'],
        ]} /> : !privacy.refusal && <Skeleton lines={2} />}
      </Panel>
      <Panel title="Your data"><Json value={user.data} /></Panel>
    </>
  );
}

const shown = (yes: boolean): string => (yes ? 'shown' : 'not shown');
