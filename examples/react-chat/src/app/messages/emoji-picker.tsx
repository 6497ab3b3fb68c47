import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { emoji } from './emoji.js';
import { Icon } from '../parts/icon.js';
import { place } from '../parts/menu.js';

const COLUMNS = 6;

/** A button with signs to choose from: arrow keys move, Escape closes. */
export function EmojiPicker({ onPick }: { readonly onPick: (sign: string) => void }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open || !grid.current) return;
    grid.current.showPopover();
    place(grid.current, button.current);
    grid.current.querySelector('button')?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const outside = ({ target }: Event): void => {
      if (target instanceof Node && !grid.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const move = (event: KeyboardEvent): void => {
    const all = [...grid.current?.querySelectorAll('button') ?? []];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (step !== undefined) all[Math.min(Math.max(0, at + step), all.length - 1)]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <button ref={button} type="button" data-react="" className="icon-button" aria-label="React" title="React" aria-haspopup="dialog" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}><Icon name="react" /></button>
      {open && (
        <div ref={grid} id={id} className="emoji-grid" popover="manual" role="dialog" aria-label="Reactions" onKeyDown={move}>
          {emoji.map(([sign, name]) => (
            <button key={sign} type="button" aria-label={name} title={name} onClick={() => {
              close();
              onPick(sign);
            }}>{sign}</button>
          ))}
        </div>
      )}
    </>
  );
}
