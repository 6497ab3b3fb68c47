import type { Identity, IdentitySession } from '@talaria/sdk/identity';
import { TalariaError } from '@talaria/sdk';
import { useId, useState, type FormEvent } from 'react';
import type { Config } from '../config.js';
import { Avatar } from '../parts/avatar.js';
import { Field, textOf } from '../parts/field.js';
import { ThemeSwitch } from '../shell/theme-switch.js';

export interface SignInProps {
  readonly config: Config;
  readonly identity: Identity;
  /** The session before this was ended elsewhere. */
  readonly ended: boolean;
  /** @param name of somebody who is new */
  readonly onDone: (session: IdentitySession, name?: string) => void;
}

type Way = 'login' | 'register' | 'guest';

const WAYS: readonly (readonly [Way, string])[] = [['login', 'Sign in'], ['register', 'New account'], ['guest', 'Guest']];
const ACTIONS = { login: 'Sign in', register: 'Create account', guest: 'Continue as guest' } as const;

/** Without blanks: what the server takes. */
const LOGIN = String.raw`\S+`;

export function SignIn({ config, identity, ended, onDone }: SignInProps) {
  const [way, setWay] = useState<Way>('login');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const id = useId();

  const enter = async (work: Promise<IdentitySession>, name?: string): Promise<void> => {
    setBusy(true);
    setError('');
    try {
      onDone(await work, name);
    } catch (cause) {
      setError(sentence(cause, name !== undefined));
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const [login, name, password] = [textOf(form, 'login').trim(), textOf(form, 'name').trim(), textOf(form, 'password')];
    switch (way) {
      case 'login': void enter(identity.login(login, password)); return;
      case 'register': void enter(identity.register(login, password), name); return;
      case 'guest': void enter(identity.guest(name), '');
    }
  };

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <header className="sign-in-head">
          <span className="brand-mark" aria-hidden="true" />
          <div><h1>Harbour</h1><p className="muted">Made with Talaria and React</p></div>
          <ThemeSwitch />
        </header>
        {ended && <p className="hint" role="status">Your session has ended. Please sign in again.</p>}
        <fieldset className="segments">
          <legend className="unseen">How to come in</legend>
          {WAYS.map(([value, label]) => (
            <label key={value} className="segment">
              <input type="radio" name={`${id}way`} value={value} checked={way === value} onChange={() => {
                setWay(value);
                setError('');
              }} />{label}
            </label>
          ))}
        </fieldset>
        <form className="form" onSubmit={submit}>
          {way !== 'login' && <Field label="Your name" name="name" required dir="auto" autoComplete="name" maxLength={60} />}
          {way !== 'guest' && <Field label="Login" name="login" required autoComplete="username" {...(way === 'register' && { minLength: 3, pattern: LOGIN, title: 'Without blanks' })} maxLength={254} />}
          {way !== 'guest' && <Field label="Password" name="password" type="password" required autoComplete={way === 'login' ? 'current-password' : 'new-password'} minLength={way === 'register' ? 8 : undefined} maxLength={256} hint={way === 'register' ? 'At least 8 characters' : undefined} />}
          <p className="form-error" role="alert">{error}</p>
          <button type="submit" className="button wide" disabled={busy}>{busy ? 'One moment…' : ACTIONS[way]}</button>
        </form>
        {config.demo.length > 0 && (
          <section className="demo" aria-labelledby={`${id}demo`}>
            <h2 id={`${id}demo`}>Look around as</h2>
            {config.demo.map(({ name, login, password }) => (
              <button key={login} type="button" className="demo-person" disabled={busy} onClick={() => void enter(identity.login(login, password))}>
                <Avatar name={name} />{name}
              </button>
            ))}
          </section>
        )}
      </div>
    </main>
  );
}

function sentence(cause: unknown, isNew: boolean): string {
  if (!(cause instanceof TalariaError)) return 'That did not work. Please try again.';
  switch (cause.code) {
    case 'invalid_credentials': return isNew ? 'Please choose another login.' : 'Login or password is not right.';
    // What can be nobody's login; or a password that is too easy.
    case 'invalid_argument': return isNew ? cause.message : 'Login or password is not right.';
    case 'rate_limited': return `Too many attempts. Please wait ${Math.max(1, Math.ceil(cause.retryAfterMs / 1_000))} s.`;
    case 'unavailable':
    case 'timeout': return 'The server does not answer. Please try again.';
    default: return cause.message;
  }
}
