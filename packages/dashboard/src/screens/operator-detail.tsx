import { mayManage } from '@talaria/protocol/operators';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useOperator } from '../session/session.js';
import { Id } from '../ui/id.js';
import { Badge, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { MaybeTime, Time } from '../ui/time.js';
import { ChangeRole, DeleteOperator, MakeLink, SetDisabled } from './operator-dialogs.js';
import { OperatorSessions } from './operator-sessions.js';
import { operatorState } from './operator-state.js';

const CRUMBS = [{ text: 'Operators', href: href('/operators') }];
type Open = 'link' | 'role' | 'disable' | 'delete' | undefined;

export function OperatorDetail({ id }: { readonly id: string }): JSX.Element {
  const { may, signedIn } = useOperator();
  const { data: operator, refusal, refresh } = useQuery('operators.get', { operator_id: id });
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const done = async (): Promise<void> => {
    close();
    await refresh();
  };
  const manages = operator !== undefined && mayManage(signedIn.operator.role, operator.role);
  const dialog = { onClose: close, onDone: done };
  return (
    <Screen
      title={operator ? operator.name || operator.login || 'Operator' : 'Operator'} crumbs={CRUMBS} badge={operator && operatorState(operator)} command={talaria('operator list')}
      actions={manages && <>
        {may('operators.link') && <button type="button" class="button" onClick={() => setOpen('link')}>Make a link</button>}
        {may('operators.update') && <button type="button" class="button" onClick={() => setOpen('role')}>Role</button>}
        {may('operators.update') && <button type="button" class="button" onClick={() => setOpen('disable')}>{operator.disabled ? 'Enable' : 'Disable'}</button>}
        {may('operators.delete') && <button type="button" class="button danger" onClick={() => setOpen('delete')}>Delete</button>}
      </>}
    >
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!refusal && (
        <Panel title="Operator">
          {operator ? <Facts rows={[
            ['Id', <Id id={operator.id} full />], ['Login', operator.login ?? 'not chosen yet'], ['Role', <Badge>{operator.role}</Badge>], ['Made', <Time ms={operator.created_ms} />], ['Seen', <MaybeTime ms={operator.last_seen_ms} ago />],
          ]} /> : <Skeleton lines={4} />}
        </Panel>
      )}
      {operator && (manages || operator.id === signedIn.operator.id) && <OperatorSessions operator={operator.id} />}
      {operator && open === 'link' && <MakeLink subject={operator} {...dialog} />}
      {operator && open === 'role' && <ChangeRole subject={operator} {...dialog} />}
      {operator && open === 'disable' && <SetDisabled subject={operator} {...dialog} />}
      {operator && open === 'delete' && <DeleteOperator subject={operator} onClose={close} />}
    </Screen>
  );
}
