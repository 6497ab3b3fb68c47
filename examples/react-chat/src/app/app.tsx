import { useEffect, useState } from 'react';
import { Account } from './account/account.js';
import { readConfig, type Config } from './config.js';
import { Notices } from './parts/notices.js';
import { Splash } from './parts/splash.js';

type Start = { readonly config: Config } | { readonly failed: string } | undefined;

/** Finds the server, then who is here, then shows the chat. */
export function App() {
  const [start, setStart] = useState<Start>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    readConfig().then((config) => setStart({ config }), (error: unknown) => setStart({ failed: error instanceof Error ? error.message : String(error) }));
  }, [attempt]);
  if (!start) return <Splash>Starting…</Splash>;
  if ('failed' in start) {
    return (
      <Splash>
        <p role="alert">{start.failed}</p>
        <button type="button" className="button" onClick={() => setAttempt(attempt + 1)}>Try again</button>
      </Splash>
    );
  }
  return <Notices><Account config={start.config} /></Notices>;
}
