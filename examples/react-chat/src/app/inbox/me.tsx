import { useClient } from '@talaria/sdk/react';
import { useState } from 'react';
import { useAccount } from '../account/account-context.js';
import { Profile } from '../account/profile.js';
import { Avatar } from '../parts/avatar.js';
import { Confirm } from '../parts/dialog.js';
import { Menu } from '../parts/menu.js';
import { useName } from '../people/names.js';
import { ThemeSwitch } from '../shell/theme-switch.js';

/** The user, and what is theirs. */
export function Me({ onHelp }: { readonly onHelp: () => void }) {
  const client = useClient();
  const { session: { userId, guest }, signOut } = useAccount();
  const name = useName(userId);
  const [dialog, setDialog] = useState<'profile' | 'leave'>();
  const leave = (): void => {
    // Without a login nobody finds back, and what waits is not sent.
    if (guest || (client?.pending ?? 0) > 0) setDialog('leave');
    else void signOut();
  };
  return (
    <>
      <div className="me"><Avatar name={name} size="small" /><span className="me-name" dir="auto">{name}</span>{guest && <span className="tag">Guest</span>}</div>
      <ThemeSwitch />
      <Menu label="Your menu" items={[
        { icon: 'user', label: 'Profile', run: () => setDialog('profile') },
        { icon: 'keyboard', label: 'Keys', run: onHelp },
        { icon: 'leave', label: 'Sign out', run: leave },
      ]} />
      {dialog === 'profile' && <Profile onClose={() => setDialog(undefined)} />}
      {dialog === 'leave' && (
        <Confirm title="Sign out?" action="Sign out" onClose={() => setDialog(undefined)} onConfirm={() => void signOut()}
          text={guest ? 'You are a guest: without a login you cannot come back as the same person. You can choose one in your profile.' : 'Messages that are not sent yet wait on this device until you sign in here again.'} />
      )}
    </>
  );
}
