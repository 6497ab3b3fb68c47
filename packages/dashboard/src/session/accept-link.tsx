import type { SessionLinkOutput } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Refusal } from '../api/refusal.js';
import { useAction } from '../api/use-action.js';
import { TextField } from '../ui/fields.js';
import { RefusalNote, Skeleton } from '../ui/notes.js';
import { Time } from '../ui/time.js';
import { Gate } from './gate.js';
import { useSession } from './session.js';

const ROLE_TEXTS = { owner: 'everything', admin: 'everything but owners, admin keys, and deleting tenants and apps', moderator: 'reading what was written, and acting on it', viewer: 'seeing how the installation is, without messages' } as const;

/** Coming in by a link: what it is for, and what has to be chosen. */
export function AcceptLink({ link }: { readonly link: string }): JSX.Element {
  const { ask, look } = useSession();
  const [found, setFound] = useState<SessionLinkOutput>();
  const [refusal, setRefusal] = useState<Refusal>();
  const lookAt = (): void => {
    setRefusal(undefined);
    ask('session.link', { link }).then(setFound, (error: unknown) => setRefusal(error instanceof Refusal ? error : undefined));
  };
  useEffect(lookAt, [link]);
  if (refusal?.status === 0 || (refusal && refusal.status >= 429)) return <Gate title="Your link"><RefusalNote refusal={refusal} retry={lookAt} /></Gate>;
  if (refusal) return <BadLink refusal={refusal} />;
  if (!found) return <Gate title="Your link"><Skeleton lines={4} /></Gate>;
  return <LinkForm link={link} found={found} signIn={look} />;
}

function BadLink({ refusal }: { readonly refusal: Refusal }): JSX.Element {
  const { look } = useSession();
  return (
    <Gate title="This link is not good">
      <p>It was used already, a newer one took its place, or its time is over. A link is good once, and for a day.</p>
      <p>Have you chosen a password before? Then sign in with it. If not, ask whoever gave you the link for another one. From the server's own machine:</p>
      <pre>talaria dashboard link</pre>
      <p class="small"><code>{refusal.code}</code>{refusal.requestId !== '' && <> · request <code>{refusal.requestId}</code></>}</p>
      <button type="button" class="button primary wide" onClick={look}>Sign in with a password</button>
    </Gate>
  );
}

function LinkForm({ link, found, signIn }: { readonly link: string; readonly found: SessionLinkOutput; readonly signIn: () => void }): JSX.Element {
  const { ask, enter } = useSession();
  const invited = found.login === null;
  const [login, setLogin] = useState('');
  const [name, setName] = useState(found.name);
  const [password, setPassword] = useState('');
  const { run, busy, refusal } = useAction(async () => enter(await ask('session.accept', { link, password, ...(invited && { login, name }) })));
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return (
    <Gate title={invited ? 'Welcome' : 'Choose a new password'}>
      {invited
        ? <p>You are let in as <strong>{found.role}</strong>: {ROLE_TEXTS[found.role]}. Choose how you sign in from now on.</p>
        : <p>For <strong>{found.login}</strong>. All of your sessions end, and you are signed in here.</p>}
      <form onSubmit={submit}>
        {invited && <TextField label="Your name" value={name} onInput={setName} autoComplete="name" required maxLength={128} autoFocus />}
        {invited && <TextField label="Login" hint="A name or an e-mail address. Capitals do not matter." value={login} onInput={setLogin} autoComplete="username" required minLength={3} maxLength={254} />}
        <TextField label="Password" hint="At least 8 characters, and none that everybody would try." type="password" value={password} onInput={setPassword} autoComplete="new-password" required minLength={8} maxLength={256} />
        {refusal && <RefusalNote refusal={refusal} />}
        <button type="submit" class="button primary wide" disabled={busy}>{invited ? 'Come in' : 'Set the password'}</button>
      </form>
      <p class="small muted">The link is good until <Time ms={found.expires_ms} />. <button type="button" class="plain" onClick={signIn}>Sign in with a password instead</button></p>
    </Gate>
  );
}
