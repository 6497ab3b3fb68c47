import type { Key, NewKey as MadeKey } from '@talaria/protocol/types';
import { appScopes, type Scope } from '@talaria/protocol/operators';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { span } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { useSession } from '../session/session.js';
import { ConfirmDialog, FormDialog, SecretDialog } from '../ui/dialog.js';
import { CheckField, SelectField, TextField } from '../ui/fields.js';

const DAY_MS = 86_400_000;
const LIVES = [['', 'Never'], ['7', 'In 7 days'], ['30', 'In 30 days'], ['90', 'In 90 days'], ['365', 'In a year']] as const;
const OVERLAPS = [['0', 'At once'], ['3600', 'In an hour'], ['86400', 'In a day'], ['604800', 'In 7 days'], ['2592000', 'In 30 days']] as const;

interface Props {
  readonly onClose: () => void;
}

/** The whole key, this one time. */
function TheKey({ made, onClose }: Props & { readonly made: MadeKey }): JSX.Element {
  return (
    <SecretDialog title="The key" secret={made.secret} onClose={onClose}>
      <p>Give it to your backend, and keep it as you would a password. <strong>It is shown only now.</strong></p>
    </SecretDialog>
  );
}

export function NewKey({ app, onClose }: Props & { readonly app: string | undefined }): JSX.Element {
  const { ask } = useSession();
  const [name, setName] = useState('');
  const [days, setDays] = useState('');
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set(appScopes));
  const [made, setMade] = useState<MadeKey>();
  const chosen = appScopes.filter((scope) => scopes.has(scope));
  const all = chosen.length === appScopes.length;
  const toggle = (scope: Scope): void => {
    const next = new Set(scopes);
    if (!next.delete(scope)) next.add(scope);
    setScopes(next);
  };
  const create = async (): Promise<void> => setMade(await ask('keys.create', {
    name, app_id: app, ...(days !== '' && { expires_ms: Date.now() + Number(days) * DAY_MS }), ...(app !== undefined && !all && { scopes: chosen }),
  }));
  if (made) return <TheKey made={made} onClose={onClose} />;
  const flags = { ...(app === undefined ? { admin: true } : { app, scope: all ? undefined : chosen }), name: name || undefined, 'expires-in': days === '' ? undefined : `${days}d` };
  return (
    <FormDialog title={app === undefined ? 'New admin key' : 'New key'} action="Make the key" onClose={onClose} onSubmit={create} disabled={app !== undefined && chosen.length === 0} command={talaria('key create', [], flags)}>
      {app === undefined && <p>An admin key may do everything in this installation. Whoever has it is as good as an owner.</p>}
      <TextField label="What it is for" value={name} onInput={setName} autoFocus maxLength={128} />
      <SelectField label="It ends" value={days} onChange={setDays} options={LIVES} />
      {app !== undefined && (
        <fieldset class="scopes"><legend>What it may do</legend>{appScopes.map((scope) => <CheckField key={scope} label={scope} checked={scopes.has(scope)} onChange={() => toggle(scope)} />)}</fieldset>
      )}
    </FormDialog>
  );
}

export function RotateKey({ subject, onClose }: Props & { readonly subject: Key }): JSX.Element {
  const { ask } = useSession();
  const [overlap, setOverlap] = useState('86400');
  const [made, setMade] = useState<MadeKey>();
  const rotate = async (): Promise<void> => setMade(await ask('keys.rotate', { key_id: subject.id, overlap_s: Number(overlap) }));
  if (made) return <TheKey made={made} onClose={onClose} />;
  return (
    <FormDialog title="Rotate the key" action="Make a successor" onClose={onClose} onSubmit={rotate} command={talaria('key rotate', [subject.id], { overlap: `${overlap}s` })}>
      <p>The successor of <strong>{subject.name || subject.prefix}</strong> may do the same. The old key works on for {overlap === '0' ? 'no moment' : span(Number(overlap) * 1_000)}, so that your backend can change over.</p>
      <SelectField label="The old key ends" value={overlap} onChange={setOverlap} options={OVERLAPS} />
    </FormDialog>
  );
}

export function RevokeKey({ subject, onClose }: Props & { readonly subject: Key }): JSX.Element {
  const { ask } = useSession();
  const revoke = async (): Promise<void> => {
    await ask('keys.revoke', { key_id: subject.id });
    onClose();
  };
  return (
    <ConfirmDialog title="Revoke the key" action="Revoke" typed={subject.name || subject.prefix} onClose={onClose} onSubmit={revoke} command={talaria('key revoke', [subject.id], { yes: true })}>
      <p>Whoever uses it is refused at once, and the tokens that it minted are not good any more. This cannot be taken back.</p>
    </ConfirmDialog>
  );
}
