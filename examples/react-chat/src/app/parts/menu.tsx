import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Icon, type IconName } from './icon.js';

export interface MenuItem {
  readonly icon: IconName;
  readonly label: string;
  readonly run: () => void;
  readonly danger?: boolean;
}

export interface MenuProps {
  /** What the button is called. */
  readonly label: string;
  readonly icon?: IconName;
  readonly items: readonly MenuItem[];
  /** Told when it opens and closes. */
  readonly onToggle?: (open: boolean) => void;
}

const EDGE_PX = 8;

/** A button with a menu: arrow keys, Home and End move, Escape closes and gives the focus back. */
export function Menu({ label, icon = 'more', items, onToggle }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const show = (next: boolean): void => {
    setOpen(next);
    onToggle?.(next);
    if (!next) button.current?.focus();
  };
  return (
    <>
      <button ref={button} type="button" className="icon-button" aria-label={label} title={label} aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => show(!open)}>
        <Icon name={icon} />
      </button>
      {open && <MenuList id={id} label={label} items={items} anchor={button.current} onClose={() => show(false)} />}
    </>
  );
}

interface MenuListProps {
  readonly id: string;
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly anchor: HTMLElement | null;
  readonly onClose: () => void;
}

function MenuList({ id, label, items, anchor, onClose }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    element.showPopover();
    place(element, anchor);
    element.querySelector('button')?.focus();
  }, [anchor]);
  useEffect(() => {
    const close = (event: Event): void => {
      if (event.target instanceof Node && (list.current?.contains(event.target) || anchor?.contains(event.target))) return;
      onClose();
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [anchor, onClose]);

  const move = (event: KeyboardEvent): void => {
    const buttons = [...list.current?.querySelectorAll('button') ?? []];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={list} id={id} className="menu" role="menu" aria-label={label} popover="manual" onKeyDown={move}>
      {items.map(({ icon, label: text, run, danger }) => (
        <button key={text} type="button" role="menuitem" tabIndex={-1} className={danger ? 'menu-item danger' : 'menu-item'} onClick={() => {
          onClose();
          run();
        }}><Icon name={icon} />{text}</button>
      ))}
    </div>
  );
}

/** Below its button where there is room, else above; never over an edge of the window. */
export function place(element: HTMLElement, anchor: HTMLElement | null): void {
  const at = anchor?.getBoundingClientRect();
  if (!at) return;
  const { offsetWidth: width, offsetHeight: height } = element;
  const below = at.bottom + 4 + height <= innerHeight - EDGE_PX;
  element.style.top = `${Math.max(EDGE_PX, below ? at.bottom + 4 : at.top - 4 - height)}px`;
  element.style.left = `${Math.min(Math.max(EDGE_PX, at.right - width), innerWidth - width - EDGE_PX)}px`;
}
