import { mayManage, operatorRoles, type OperatorRole } from '@talaria/protocol/operators';
import type { Operator, OperatorsLinkOutput } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { ConfirmDialog, FormDialog, SecretDialog } from '../ui/dialog.js';
import { SelectField } from '../ui/fields.js';
import { Time } from '../ui/time.js';

/** A link to hand over; its secret is shown this once. */
export function LinkDialog({ made, onClose }: { readonly made: OperatorsLinkOutput; readonly onClose: () => void }): JSX.Element {
  return (
    <SecretDialog title="The link" secret={location.origin + made.path} onClose={onClose}>
      <p>Send it as you would a password: whoever opens it first is that operator. It is good once, until <Time ms={made.expires_ms} />. <strong>It is shown only now.</strong></p>
    </SecretDialog>
  );
}

export interface OperatorDialogProps {
  readonly subject: Operator;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

const called = ({ name, login, id }: Operator): string => name || login || id;

export function MakeLink({ subject, onClose }: OperatorDialogProps): JSX.Element {
  const { ask } = useSession();
  const [made, setMade] = useState<OperatorsLinkOutput>();
  if (made) return <LinkDialog made={made} onClose={onClose} />;
  const make = async (): Promise<void> => setMade(await ask('operators.link', { operator_id: subject.id }));
  return (
    <FormDialog title="Make a link" action="Make the link" onClose={onClose} onSubmit={make} command={talaria('operator link', [subject.id])}>
      <p>By it {called(subject)} {subject.login === null ? 'takes up the invitation' : 'chooses a new password; then all of their sessions end'}. A link before is not good any more.</p>
    </FormDialog>
  );
}

export function ChangeRole({ subject, onClose, onDone }: OperatorDialogProps): JSX.Element {
  const { ask } = useSession();
  const { signedIn } = useOperator();
  const roles = operatorRoles.filter((role) => mayManage(signedIn.operator.role, role));
  const [role, setRole] = useState<OperatorRole>(subject.role);
  const change = async (): Promise<void> => {
    await ask('operators.update', { operator_id: subject.id, role });
    await onDone();
  };
  return (
    <FormDialog title="Change the role" action="Change" onClose={onClose} onSubmit={change} disabled={role === subject.role} command={talaria('operator update', [subject.id], { role })}>
      <p>A higher role counts at once. With a lower one their sessions end.</p>
      <SelectField label="Role" value={role} onChange={(value) => setRole(roles.find((one) => one === value) ?? subject.role)} options={roles.map((one) => [one, one])} />
    </FormDialog>
  );
}

export function SetDisabled({ subject, onClose, onDone }: OperatorDialogProps): JSX.Element {
  const { ask } = useSession();
  const change = async (): Promise<void> => {
    await ask('operators.update', { operator_id: subject.id, disabled: !subject.disabled });
    await onDone();
  };
  if (subject.disabled) {
    return (
      <FormDialog title="Let them in again" action="Enable" onClose={onClose} onSubmit={change} command={talaria('operator update', [subject.id], { disabled: 'false' })}>
        <p>{called(subject)} can sign in again.</p>
      </FormDialog>
    );
  }
  return (
    <ConfirmDialog title="Disable the operator" action="Disable" typed={called(subject)} onClose={onClose} onSubmit={change} command={talaria('operator disable', [subject.id])}>
      <p>Their sessions end, and they cannot sign in until they are enabled again.</p>
    </ConfirmDialog>
  );
}

export function DeleteOperator({ subject, onClose }: Omit<OperatorDialogProps, 'onDone'>): JSX.Element {
  const { ask } = useSession();
  const { go } = useRouter();
  const remove = async (): Promise<void> => {
    await ask('operators.delete', { operator_id: subject.id });
    go(href('/operators'));
  };
  return (
    <ConfirmDialog title="Delete the operator" action="Delete" typed={called(subject)} onClose={onClose} onSubmit={remove} command={talaria('operator delete', [subject.id], { yes: true })}>
      <p>Their sessions end, and their links are good for nothing. Keys that they made go on.</p>
    </ConfirmDialog>
  );
}
