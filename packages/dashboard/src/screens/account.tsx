import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../api/use-action.js';
import { talaria } from '../format/shell.js';
import { useOperator, useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Badge, Note, RefusalNote } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { Time } from '../ui/time.js';
import { OperatorSessions } from './operator-sessions.js';

/** The operator's own: name, password, sessions. */
export function Account(): JSX.Element {
  const { signedIn: { operator, idle_expires_ms, expires_ms } } = useOperator();
  return (
    <Screen title="Your account" badge={<Badge>{operator.role}</Badge>}>
      <Panel title="You"><Facts rows={[
        ['Id', <Id id={operator.id} full />], ['Login', operator.login], ['This session ends', <><Time ms={expires_ms} />, or when it is not used until <Time ms={idle_expires_ms} /></>],
      ]} /></Panel>
      <div class="side-by-side"><Name /><Password /></div>
      <OperatorSessions operator={operator.id} />
    </Screen>
  );
}

function Name(): JSX.Element {
  const { ask, enter } = useSession();
  const { signedIn } = useOperator();
  const [name, setName] = useState(signedIn.operator.name);
  const [saved, setSaved] = useState(false);
  const { run, busy, refusal } = useAction(async () => {
    setSaved(false);
    const operator = await ask('operators.update', { operator_id: signedIn.operator.id, name });
    enter({ ...signedIn, operator });
    setSaved(true);
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return (
    <Panel title="Name">
      <form class="form" onSubmit={submit}>
        <TextField label="Your name" value={name} onInput={setName} autoComplete="name" maxLength={128} />
        {refusal && <RefusalNote refusal={refusal} />}
        {saved && <Note kind="good">Your name is saved.</Note>}
        <Command text={talaria('operator update', [signedIn.operator.id], { name })} />
        <footer><button type="submit" class="button primary" disabled={busy}>Save</button></footer>
      </form>
    </Panel>
  );
}

function Password(): JSX.Element {
  const { ask } = useSession();
  const { signedIn } = useOperator();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [changed, setChanged] = useState(false);
  const { run, busy, refusal } = useAction(async () => {
    setChanged(false);
    await ask('operators.password', { current_password: current, new_password: next });
    setCurrent('');
    setNext('');
    setChanged(true);
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return (
    <Panel title="Password">
      <form class="form" onSubmit={submit}>
        <input class="off-screen" type="text" autoComplete="username" value={signedIn.operator.login ?? ''} readOnly tabIndex={-1} aria-hidden="true" />
        <TextField label="Current password" type="password" value={current} onInput={setCurrent} autoComplete="current-password" required />
        <TextField label="New password" type="password" value={next} onInput={setNext} autoComplete="new-password" required minLength={8} maxLength={256} hint="All of your other sessions end." />
        {refusal && <RefusalNote refusal={refusal} />}
        {changed && <Note kind="good">Your password is changed.</Note>}
        <footer><button type="submit" class="button primary" disabled={busy}>Change the password</button></footer>
      </form>
    </Panel>
  );
}
