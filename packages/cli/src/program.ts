import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { addApp } from './commands/app.js';
import { addBackup } from './commands/backup.js';
import { addCall } from './commands/call.js';
import { addConfig } from './commands/config.js';
import { addConnections } from './commands/connections.js';
import { addConsumers } from './commands/consumers.js';
import { addConversation } from './commands/conversation.js';
import { addDashboard } from './commands/dashboard.js';
import { addDev } from './commands/dev.js';
import { addDoctor } from './commands/doctor.js';
import { addKey } from './commands/key.js';
import { addLogs } from './commands/logs.js';
import { addMigrate } from './commands/migrate.js';
import { addMove } from './commands/move.js';
import { addOperator } from './commands/operator.js';
import { addRestore } from './commands/restore.js';
import { addSearch } from './commands/search.js';
import { addSend } from './commands/send.js';
import { addStart } from './commands/start.js';
import { addCluster } from './commands/cluster.js';
import { addStats } from './commands/stats.js';
import { addStatus } from './commands/status.js';
import { addTail } from './commands/tail.js';
import { addTenant } from './commands/tenant.js';
import { addToken } from './commands/token.js';
import { addTrace } from './commands/trace.js';
import { addUsage } from './commands/usage.js';
import { addUser } from './commands/user.js';
import { addVerify } from './commands/verify.js';
import { addVerifyDelivery } from './commands/verify-delivery.js';
import type { Context } from './context.js';

const ENDINGS = `
Exit codes: 0 done, 1 failed, 2 called in a wrong way, 3 no server there.
Commands for a running server take --url and --key, or TALARIA_URL and
TALARIA_KEY. On the server's own machine admin commands find the admin key.`;

/** The whole command line. */
export function createProgram(context: Context, onHelp: (text: string) => void): Command {
  const program = new Command('talaria');
  program
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.terminal.out(text), writeErr: onHelp, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .description('Run and administer a Talaria server.')
    .version(versionOfPackage(), '-V, --version', 'Show the version')
    .addOption(new Option('-o, --output <form>', 'How to print data').choices(['text', 'json']).default('text'))
    .helpOption('-h, --help', 'Show help')
    .helpCommand(false)
    .addHelpText('after', ENDINGS);
  for (const add of [
    addStart,
    addDev,
    addStatus,
    addCluster,
    addStats,
    addConnections,
    addTrace,
    addConsumers,
    addLogs,
    addDoctor,
    addConfig,
    addTenant,
    addApp,
    addKey,
    addOperator,
    addDashboard,
    addToken,
    addUser,
    addConversation,
    addSend,
    addTail,
    addCall,
    addUsage,
    addSearch,
    addVerifyDelivery,
    addMigrate,
    addBackup,
    addVerify,
    addRestore,
    addMove,
  ])
    add(program, context);
  return program;
}

function versionOfPackage(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
