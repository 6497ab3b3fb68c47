import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react';

type Tell = (text: string) => void;

const SHOWN_MS = 7_000;
const Context = createContext<Tell>(() => undefined);

/** Tells the user what went wrong, at the foot of the screen and to screen readers. */
export function Notices({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<{ readonly text: string }>();
  const tell = useCallback<Tell>((text) => setNotice({ text }), []);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <Context value={tell}>
      {children}
      <div className="notices" role="alert">
        {notice && <p className="notice">{notice.text}<button type="button" className="link-button" onClick={() => setNotice(undefined)}>Dismiss</button></p>}
      </div>
    </Context>
  );
}

/** @returns shows a sentence to the user */
export const useNotice = (): Tell => useContext(Context);

/** @returns runs something that the user has asked for, and says what went wrong */
export function useAttempt(): (work: Promise<unknown>) => void {
  const tell = useNotice();
  return useCallback((work) => {
    work.catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)));
  }, [tell]);
}
