import { useConnection } from '@talaria/sdk/react';
import { useEffect, useState } from 'react';
import { Icon } from '../parts/icon.js';

/** A connection that comes back at once is not worth a word; the first one takes its time. */
const PATIENCE_MS = { connecting: 2_500, reconnecting: 700, suspended: 0 } as const;

export function ConnectionBanner() {
  const { state } = useConnection();
  const broken = state === 'connected' || state === 'closed' ? undefined : state;
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!broken) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS[broken]);
    return () => clearTimeout(timer);
  }, [broken]);
  return (
    <div className="banner-place" role="status">
      {shown && <p className="banner"><Icon name="warning" />No connection. What you write is kept, and sent when it is back.</p>}
    </div>
  );
}
