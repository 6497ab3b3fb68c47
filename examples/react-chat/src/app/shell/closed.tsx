import { useConnection } from '@talaria/sdk/react';
import type { ReactNode } from 'react';
import { useAccount } from '../account/account-context.js';
import { Splash } from '../parts/splash.js';

/** A connection that was ended for good: nothing below works any more. */
export function Closed({ children }: { readonly children: ReactNode }) {
  const status = useConnection();
  const { signOut } = useAccount();
  if (status.state !== 'closed' || !status.error) return children;
  return (
    <Splash>
      <p role="alert">{status.error.message}</p>
      <p className="muted">{status.error.remediation}</p>
      <button type="button" className="button" onClick={() => location.reload()}>Try again</button>
      <button type="button" className="button plain" onClick={() => void signOut()}>Sign out</button>
    </Splash>
  );
}
