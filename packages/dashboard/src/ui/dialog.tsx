import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useAction } from '../api/use-action.js';
import { Command } from './command.js';
import { Copy } from './copy.js';
import { TextField } from './fields.js';
import { RefusalNote } from './notes.js';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A window over the screen, which Escape closes; what is behind it cannot be reached. */
export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onClose} onCancel={onClose}>
      <header><h2 id={titleId}>{title}</h2><button type="button" class="copy" aria-label="Close" onClick={onClose}>✕</button></header>
      {children}
    </dialog>
  );
}

export interface FormDialogProps extends DialogProps {
  /** On the button that does it. */
  readonly action: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** The same by the command line. */
  readonly command?: string | undefined;
  /** @throws Refusal, which is shown */
  readonly onSubmit: () => Promise<void>;
}

export function FormDialog({ action, danger = false, disabled = false, command, onSubmit, children, ...dialog }: FormDialogProps): JSX.Element {
  const { run, busy, refusal } = useAction(onSubmit);
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return (
    <Dialog {...dialog}>
      <form onSubmit={submit}>
        {children}
        {refusal && <RefusalNote refusal={refusal} />}
        {command !== undefined && <Command text={command} />}
        <footer>
          <button type="button" class="button" onClick={dialog.onClose}>Cancel</button>
          <button type="submit" class={danger ? 'button danger' : 'button primary'} disabled={busy || disabled}>{action}</button>
        </footer>
      </form>
    </Dialog>
  );
}

export interface ConfirmDialogProps extends Omit<FormDialogProps, 'disabled' | 'danger'> {
  /** What has to be typed; without it a click does. */
  readonly typed?: string;
}

/** Asks before what cannot be taken back. */
export function ConfirmDialog({ typed, children, ...form }: ConfirmDialogProps): JSX.Element {
  const [value, setValue] = useState('');
  return (
    <FormDialog {...form} danger disabled={typed !== undefined && value !== typed}>
      {children}
      {typed !== undefined && <TextField label={`Type “${typed}” to confirm`} value={value} onInput={setValue} autoFocus />}
    </FormDialog>
  );
}

/** What is shown once: a key, a link. */
export function SecretDialog({ title, secret, children, onClose }: DialogProps & { readonly secret: string }): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="form">
        {children}
        <div class="secret"><code>{secret}</code><Copy text={secret} label="Copy" wide /></div>
        <footer><button type="button" class="button primary" onClick={onClose}>I have kept it</button></footer>
      </div>
    </Dialog>
  );
}
