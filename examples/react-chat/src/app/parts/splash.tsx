import type { ReactNode } from 'react';

/** The whole screen, while there is nothing else to show. */
export function Splash({ children }: { readonly children: ReactNode }) {
  return <main className="splash"><div className="splash-card">{children}</div></main>;
}
