import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';

const Context = createContext<(text: string) => void>(() => undefined);

/** Says to screen readers what the eye sees happen. */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [text, setText] = useState('');
  const announce = useCallback((next: string) => setText(next), []);
  return <Context value={announce}>{children}<p className="unseen" role="status">{text}</p></Context>;
}

export const useAnnounce = (): ((text: string) => void) => useContext(Context);
