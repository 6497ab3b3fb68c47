import type { JSX } from 'preact';
import { Frame } from './frame.js';
import { RouterProvider } from './router/router.js';
import { AcceptLink } from './session/accept-link.js';
import { Gate } from './session/gate.js';
import { OperatorProvider, SessionProvider, useSession } from './session/session.js';
import { SignIn } from './session/sign-in.js';
import { RefusalNote, Skeleton } from './ui/notes.js';

export function App(): JSX.Element {
  return <RouterProvider><SessionProvider><Door /></SessionProvider></RouterProvider>;
}

function Door(): JSX.Element {
  const { state, look } = useSession();
  switch (state.kind) {
    case 'asking': return <Gate title="Talaria"><Skeleton lines={4} /></Gate>;
    case 'unknown': return <Gate title="Talaria"><RefusalNote refusal={state.refusal} retry={look} /></Gate>;
    case 'out': return <SignIn ended={state.ended} />;
    case 'link': return <AcceptLink key={state.link} link={state.link} />;
    case 'in': return <OperatorProvider signedIn={state.signedIn}><Frame /></OperatorProvider>;
  }
}
