import type { User as UserView } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { talaria, talariaCall } from '../format/shell.js';
import { useSession } from '../session/session.js';
import { ConfirmDialog, FormDialog } from '../ui/dialog.js';
import { TextField } from '../ui/fields.js';

interface Props {
  readonly app: string;
  readonly user: UserView;
  readonly onClose: () => void;
}

const called = ({ name, external_id }: UserView): string => name || external_id;

export function Deactivate({ app, user, onClose, onDone }: Props & { readonly onDone: () => Promise<void> }): JSX.Element {
  const { ask } = useSession();
  const active = user.deactivated_ms === null;
  const change = async (): Promise<void> => {
    await ask(active ? 'users.deactivate' : 'users.reactivate', { user_id: user.id }, { app });
    await onDone();
  };
  const command = talariaCall(active ? 'users.deactivate' : 'users.reactivate', { user_id: user.id });
  if (!active) return <FormDialog title="Reactivate the user" action="Reactivate" onClose={onClose} onSubmit={change} command={command}><p>{called(user)} can connect again, with a new token.</p></FormDialog>;
  return (
    <ConfirmDialog title="Deactivate the user" action="Deactivate" typed={called(user)} onClose={onClose} onSubmit={change} command={command}>
      <p>Their tokens are revoked and their connections closed, and new tokens are not accepted. What they have written stays.</p>
    </ConfirmDialog>
  );
}

export function RevokeTokens({ app, user, onClose }: Props): JSX.Element {
  const { ask } = useSession();
  const [device, setDevice] = useState('');
  const revoke = async (): Promise<void> => {
    await ask('auth.revoke', { user_id: user.id, ...(device !== '' && { device_id: device }) }, { app });
    onClose();
  };
  return (
    <ConfirmDialog title="Revoke tokens" action="Revoke" typed={called(user)} onClose={onClose} onSubmit={revoke} command={talaria('user revoke-tokens', [user.id], { device: device || undefined, yes: true })}>
      <p>Tokens of {called(user)} that were issued until now are not good any more, and connections that use them are closed. A new token works.</p>
      <TextField label="Of one device only" hint="Its device id; empty: all tokens." value={device} onInput={setDevice} maxLength={128} />
    </ConfirmDialog>
  );
}
