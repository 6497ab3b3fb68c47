import type { Target, TargetName } from '../target.js';
import { configCommandTarget } from './config-command.js';
import { configLoadTarget } from './config-load.js';
import { databaseTarget } from './database.js';
import { clientFramesTarget } from './frames-client.js';
import { gatewayTarget } from './frames-gateway.js';
import { serverFramesTarget } from './frames-server.js';
import { httpTarget } from './http.js';
import { jwtTarget } from './jwt.js';

/** Every target, by name. Each has an input type of its own, which only it needs to know. */
const makers = {
  'frames.server': serverFramesTarget, 'frames.client': clientFramesTarget, 'frames.gateway': gatewayTarget, 'http': httpTarget, 'jwt': jwtTarget,
  'config.load': configLoadTarget, 'config.command': configCommandTarget, 'database': databaseTarget,
} as const;

/** @returns the target, attacking what the product ships */
export const targetOf = (name: TargetName): Target<unknown> => makers[name]();
