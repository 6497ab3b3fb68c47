import { live } from '@talaria/sdk/live';
import { useClient } from '@talaria/sdk/react';
import { useEffect } from 'react';

/** Others see that the user has turned away while the page is not to be seen. */
export function useAway(): void {
  const client = useClient();
  useEffect(() => {
    if (!client) return;
    // It watches nobody: that is for the hooks, whose list is the one that the server has.
    const here = live(client);
    const look = (): void => here.setAway(document.visibilityState === 'hidden');
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [client]);
}
