import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { IconButton } from './icon.js';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Over everything else. The browser keeps the focus in it, closes it on Escape, and gives the focus back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    if (!dialog?.open) dialog?.showModal();
    // While it still stands in the page: one that is gone gives no focus back.
    return () => dialog?.close();
  }, []);
  return (
    // Escape closes it, and the close button: a click beside it is for the mouse alone.
    <dialog ref={element} className="dialog" aria-labelledby={id} onCancel={(event) => {
      event.preventDefault();
      onClose();
    }} onClick={({ target }) => {
      if (target === element.current) onClose();
    }}>
      <div className="dialog-body">
        <header className="dialog-head"><h2 id={id}>{title}</h2><IconButton icon="close" label="Close" onClick={onClose} /></header>
        {children}
      </div>
    </dialog>
  );
}

export interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, text, action, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <div className="dialog-actions">
        <button type="button" className="button plain" onClick={onClose}>Cancel</button>
        <button type="button" className="button danger" onClick={() => {
          onConfirm();
          onClose();
        }}>{action}</button>
      </div>
    </Dialog>
  );
}
