/** Operations that the story does not use, and why. A test holds that every other one is used. */
export const leftOut: Readonly<Record<string, readonly string[]>> = {
  'They furnish the installation; the story asks for them by the command line.': [
    'tenants.create', 'tenants.update', 'tenants.delete', 'apps.create', 'apps.update', 'keys.create',
  ],
  'They are for who runs the installation.': [
    'tenants.list', 'tenants.get', 'apps.list', 'apps.get', 'apps.delete', 'keys.list', 'keys.rotate', 'keys.revoke',
    'status.get', 'cluster.get', 'search.status', 'search.rebuild', 'stats.get', 'logs.list', 'incidents.list', 'settings.list', 'consumers.list',
    'operators.list', 'operators.get', 'operators.invite', 'operators.link', 'operators.update', 'operators.delete', 'operators.sessions', 'operators.revoke',
  ],
  'They are asked by the dashboard, with the cookie of an operator.': [
    'operators.me', 'operators.password', 'session.create', 'session.link', 'session.accept', 'session.get', 'session.delete',
  ],
};
