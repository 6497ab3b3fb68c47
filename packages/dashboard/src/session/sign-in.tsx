import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../api/use-action.js';
import { TextField } from '../ui/fields.js';
import { Note, RefusalNote } from '../ui/notes.js';
import { Gate } from './gate.js';
import { useSession } from './session.js';

/** Login and password. The address stays: who comes in is where they were. */
export function SignIn({ ended }: { readonly ended: boolean }): JSX.Element {
  const { ask, enter } = useSession();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const { run, busy, refusal } = useAction(async () => enter(await ask('session.create', { login, password })));
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return (
    <Gate title="Sign in">
      {ended && !refusal && <Note>Your session has ended. Sign in again, and you are back where you were.</Note>}
      <form onSubmit={submit}>
        <TextField label="Login" value={login} onInput={setLogin} autoComplete="username" required autoFocus />
        <TextField label="Password" type="password" value={password} onInput={setPassword} autoComplete="current-password" required />
        {refusal && <RefusalNote refusal={refusal} />}
        <button type="submit" class="button primary wide" disabled={busy}>Sign in</button>
      </form>
      <details>
        <summary>I cannot sign in</summary>
        <p>An owner or an admin makes you a link, at Operators. From the server's own machine:</p>
        <pre>{'talaria operator list\ntalaria dashboard link --operator <id>'}</pre>
        <p>Nobody has an account yet? The start of the server prints a link for the first owner; <code>talaria dashboard link</code> makes another.</p>
      </details>
    </Gate>
  );
}
