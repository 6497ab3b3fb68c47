import { TalariaError } from '@talaria/sdk';
import { useClient, useUser } from '@talaria/sdk/react';
import { useState, type FormEvent } from 'react';
import { useAccount } from './account-context.js';
import { Dialog } from '../parts/dialog.js';
import { Field, textOf } from '../parts/field.js';
import { useAttempt } from '../parts/notices.js';

/** The user's name; and a guest's way to stay. */
export function Profile({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const { session: { userId, guest } } = useAccount();
  const user = useUser(userId);
  const attempt = useAttempt();
  const rename = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const name = textOf(event.currentTarget, 'name').trim();
    if (client && name !== '') attempt(client.command('users.update', { user_id: 'me', name }));
    onClose();
  };
  return (
    <Dialog title="Profile" onClose={onClose}>
      {user && (
        <form className="form" onSubmit={rename}>
          <Field label="Your name" name="name" defaultValue={user.name} maxLength={60} required dir="auto" />
          <div className="dialog-actions"><button type="submit" className="button">Save</button></div>
        </form>
      )}
      {guest && <KeepAccount onDone={onClose} />}
    </Dialog>
  );
}

/** The guest gets a login, and stays the same user. */
function KeepAccount({ onDone }: { readonly onDone: () => void }) {
  const { identity, update } = useAccount();
  const [error, setError] = useState('');
  const keep = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      update(await identity.register(textOf(form, 'login').trim(), textOf(form, 'password')));
      onDone();
    } catch (cause) {
      setError(cause instanceof TalariaError && cause.code === 'invalid_credentials' ? 'Please choose another login.' : cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <form className="form" onSubmit={(event) => void keep(event)}>
      <h3>Stay</h3>
      <p className="muted">With a login you can come back, and sign in on other devices.</p>
      <Field label="Login" name="login" autoComplete="username" minLength={3} maxLength={254} pattern={String.raw`\S+`} title="Without blanks" required />
      <Field label="Password" name="password" type="password" autoComplete="new-password" minLength={8} maxLength={256} required />
      <p className="form-error" role="alert">{error}</p>
      <div className="dialog-actions"><button type="submit" className="button">Create account</button></div>
    </form>
  );
}
