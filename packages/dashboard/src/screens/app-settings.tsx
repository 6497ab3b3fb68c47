import type { App } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../api/use-action.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { CheckField, TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Note, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { Time } from '../ui/time.js';
import { useApp } from './app-screen.js';

const CRUMBS = [{ text: 'Apps', href: href('/apps') }];

export function AppSettings({ id }: { readonly id: string }): JSX.Element {
  const { may } = useOperator();
  const { data: app, refusal, refresh } = useApp(id);
  const [deleting, setDeleting] = useState(false);
  return (
    <Screen
      title={app?.name ?? 'App'} crumbs={CRUMBS} command={talaria('app show', [id])}
      actions={app && may('apps.delete') && <button type="button" class="button danger" onClick={() => setDeleting(true)}>Delete</button>}
    >
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!refusal && (
        <Panel title="App">
          {app ? <Facts rows={[['Id', <Id id={app.id} full />], ['Tenant', <Id id={app.tenant_id} full />], ['Public key', <code>{app.public_key}</code>], ['Made', <Time ms={app.created_ms} />]]} /> : <Skeleton lines={4} />}
        </Panel>
      )}
      {app && (may('apps.update') ? <SettingsForm key={app.id} app={app} onSaved={refresh} /> : <SettingsList app={app} />)}
      {app && <Identity app={app} />}
      {app && deleting && <DeleteApp app={app} onClose={() => setDeleting(false)} />}
    </Screen>
  );
}

function SettingsList({ app }: { readonly app: App }): JSX.Element {
  return (
    <Panel title="Settings">
      <Facts rows={[
        ['Allowed origins', app.allowed_origins.join(', ') || 'any'], ['Messages are kept for', app.retention_days === null ? 'ever' : `${app.retention_days} days`],
        ['Longest text', `${app.text_max} characters`], ['Tokens make users', app.create_users ? 'yes' : 'no'], ['Link previews', app.link_previews ? 'on' : 'off'],
      ]} />
    </Panel>
  );
}

const linesOf = (text: string): readonly string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

function SettingsForm({ app, onSaved }: { readonly app: App; readonly onSaved: () => Promise<void> }): JSX.Element {
  const { ask } = useSession();
  const [name, setName] = useState(app.name);
  const [origins, setOrigins] = useState(app.allowed_origins.join('\n'));
  const [retention, setRetention] = useState(app.retention_days === null ? '' : String(app.retention_days));
  const [textMax, setTextMax] = useState(String(app.text_max));
  const [createUsers, setCreateUsers] = useState(app.create_users);
  const [previews, setPreviews] = useState(app.link_previews);
  const [saved, setSaved] = useState(false);
  const origin = linesOf(origins);
  const retentionDays = retention === '' ? null : Number(retention);
  const { run, busy, refusal } = useAction(async () => {
    setSaved(false);
    await ask('apps.update', { app_id: app.id, name, allowed_origins: origin, retention_days: retentionDays, text_max: Number(textMax), create_users: createUsers, link_previews: previews });
    await onSaved();
    setSaved(true);
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  const command = talaria('app update', [app.id], {
    name, ...(origin.length > 0 ? { origin } : { 'any-origin': true }), 'retention-days': retentionDays ?? 'none', 'text-max': textMax, 'create-users': String(createUsers), 'link-previews': String(previews),
  });
  return (
    <Panel title="Settings">
      <form onSubmit={submit} class="form two">
        <TextField label="Name" value={name} onInput={setName} required maxLength={128} />
        <TextField label="Longest text, in characters" type="number" min={1} max={10_000} value={textMax} onInput={setTextMax} required />
        <TextField label="Allowed origins" hint="One a line, such as https://app.example.com. Empty: any." rows={3} value={origins} onInput={setOrigins} />
        <TextField label="Days that messages are kept" hint="Empty: for ever. What is older is removed." type="number" min={1} max={36_500} value={retention} onInput={setRetention} />
        <CheckField label="Tokens make users" hint="A valid token of an unknown user makes that user." checked={createUsers} onChange={setCreateUsers} />
        <CheckField label="Link previews" hint="The server fetches pages that messages link to." checked={previews} onChange={setPreviews} />
        {refusal && <RefusalNote refusal={refusal} />}
        {saved && <Note kind="good">The settings are saved.</Note>}
        <Command text={command} />
        <footer><button type="submit" class="button primary" disabled={busy}>Save</button></footer>
      </form>
    </Panel>
  );
}

function Identity({ app }: { readonly app: App }): JSX.Element {
  const { identity, issuers } = app;
  return (
    <Panel title="Identity">
      <Facts rows={[
        ["Talaria's own", identity === null ? 'off' : `on: ${identity.register ? 'anybody registers' : 'a backend makes accounts'}, ${identity.guests ? 'guests' : 'no guests'}`],
        ...(identity === null ? [] : [['Sessions', `${identity.session_days} days without use; tokens of ${identity.token_s} s`] as const]),
        ['Issuers', issuers.length === 0 ? 'none' : <ul class="plain">{issuers.map(({ issuer, audiences }) => <li key={issuer}><code>{issuer}</code> for {audiences.join(', ')}</li>)}</ul>],
      ]} />
      <Command text={talaria('app identity', [app.id])} />
    </Panel>
  );
}

function DeleteApp({ app, onClose }: { readonly app: App; readonly onClose: () => void }): JSX.Element {
  const { ask } = useSession();
  const { go } = useRouter();
  const remove = async (): Promise<void> => {
    await ask('apps.delete', { app_id: app.id });
    go(href('/apps'));
  };
  return (
    <ConfirmDialog title="Delete the app" action="Delete for good" typed={app.name} onClose={onClose} onSubmit={remove} command={talaria('app delete', [app.id], { yes: true })}>
      <p>All of its users, conversations and keys are deleted, and its users are disconnected. This cannot be taken back.</p>
    </ConfirmDialog>
  );
}
