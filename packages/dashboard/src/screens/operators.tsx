import { mayManage, operatorRoles, type OperatorRole } from '@talaria/protocol/operators';
import type { OperatorsInviteOutput } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { FormDialog } from '../ui/dialog.js';
import { SelectField, TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Badge, Empty } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { MaybeTime, Time } from '../ui/time.js';
import { LinkDialog } from './operator-dialogs.js';
import { operatorState } from './operator-state.js';

const LIMIT = 50;

export function Operators(): JSX.Element {
  const { may } = useOperator();
  const { place } = useRouter();
  const after = place.query.get('after') ?? undefined;
  const query = useQuery('operators.list', { limit: LIMIT, after });
  const [inviting, setInviting] = useState(false);
  const close = (): void => {
    setInviting(false);
    void query.refresh();
  };
  return (
    <Screen
      title="Operators" command={talaria('operator list', [], { limit: LIMIT, after })}
      actions={may('operators.invite') && <button type="button" class="button primary" onClick={() => setInviting(true)}>Invite</button>}
    >
      <PagedTable
        label="Operators" query={query} keyOf={({ id }) => id} empty={<Empty title="There is no operator." />}
        columns={[
          { name: 'Name', cell: ({ id, name, login }) => <a class="main" href={href(`/operators/${id}`)}>{name || login || 'no name'}</a> }, { name: 'Login', cell: ({ login }) => login ?? <span class="muted">not chosen yet</span> },
          { name: 'Id', cell: ({ id }) => <Id id={id} /> }, { name: 'Role', cell: ({ role }) => <Badge kind={role === 'owner' ? 'info' : 'plain'}>{role}</Badge> },
          { name: 'State', cell: (operator) => operatorState(operator) }, { name: 'Seen', cell: ({ last_seen_ms }) => <MaybeTime ms={last_seen_ms} ago /> }, { name: 'Made', cell: ({ created_ms }) => <Time ms={created_ms} /> },
        ]}
      />
      {inviting && <Invite onClose={close} />}
    </Screen>
  );
}

function Invite({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { ask } = useSession();
  const { signedIn } = useOperator();
  const roles = operatorRoles.filter((role) => mayManage(signedIn.operator.role, role));
  const [role, setRole] = useState<OperatorRole>('viewer');
  const [name, setName] = useState('');
  const [made, setMade] = useState<OperatorsInviteOutput>();
  if (made) return <LinkDialog made={made} onClose={onClose} />;
  const invite = async (): Promise<void> => setMade(await ask('operators.invite', { role, name }));
  return (
    <FormDialog title="Invite an operator" action="Make the link" onClose={onClose} onSubmit={invite} command={talaria('operator invite', [], { role, name: name || undefined })}>
      <TextField label="Name" value={name} onInput={setName} autoFocus maxLength={128} />
      <SelectField label="Role" value={role} onChange={(value) => setRole(roles.find((one) => one === value) ?? 'viewer')} options={roles.map((one) => [one, one])} hint="A viewer reads no messages. A moderator reads and acts. An admin has keys and settings. An owner may do everything." />
    </FormDialog>
  );
}
