const paths = {
  add: 'M12 5v14M5 12h14',
  archive: 'M4 8h16v11H4zM3 4.5h18V8H3zM10 12h4',
  back: 'M15 5l-7 7 7 7',
  bell_off: 'M9 20h6M6.5 16.5V11a5.5 5.5 0 0 1 8-4.900M17.5 11v5.5H7M4 4l16 16',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2.5 12.5L7 17l9-9.5M11.5 16l1 1 9-9.5',
  clock: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  delete: 'M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7',
  down: 'M12 5v14M6 13l6 6 6-6',
  edit: 'M4 20l1-4L16.5 4.5l3 3L8 19z',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  group: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.600 2.900-6 6.5-6s6.5 2.400 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.200.8 3.5 2.800 3.5 5.5',
  history: 'M4 12a8 8 0 1 0 2.5-5.800L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.5',
  keyboard: 'M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8',
  leave: 'M14 5H6v14h8M11 12h10M17 8l4 4-4 4',
  more: 'M5.4 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M17.2 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0',
  pin: 'M9 4h6l-1 6 3.5 3.5h-11L10 10zM12 13.5V20',
  quote: 'M10 7H5v6h4c0 2-1 3.5-3 4M19 7h-5v6h4c0 2-1 3.5-3 4',
  react: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5c1.800 2.300 5.200 2.300 7 0M9 9.5h.01M15 9.5h.01',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  send: 'M4 12L20 4l-5 16-3.5-6.5z',
  thread: 'M5 5h14v10h-8l-4 4v-4H5zM9 9h6M9 12h4',
  theme: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-4 3.400-6.5 7.5-6.5s7.5 2.5 7.5 6.5',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.5h.01',
} as const;

export type IconName = keyof typeof paths;

/** A drawing beside words: for the eye alone. */
export function Icon({ name }: { readonly name: IconName }) {
  return <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={paths[name]} /></svg>;
}

export interface IconButtonProps {
  readonly icon: IconName;
  /** What it does, for the tooltip and for screen readers. */
  readonly label: string;
  readonly onClick: () => void;
  readonly className?: string;
  readonly tabIndex?: number;
  readonly disabled?: boolean;
}

export function IconButton({ icon, label, onClick, className = '', tabIndex, disabled }: IconButtonProps) {
  return <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} tabIndex={tabIndex} disabled={disabled} onClick={onClick}><Icon name={icon} /></button>;
}
