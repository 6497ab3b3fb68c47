// Runs the suite in a worker of workerd, for each request, whose body is the stage.
import * as main from '@talaria/sdk';
import * as identity from '@talaria/sdk/identity';
import * as live from '@talaria/sdk/live';
import * as state from '@talaria/sdk/state';
import * as views from '@talaria/sdk/views';
import { runSuite } from './suite.mjs';

export default {
  async fetch(request) {
    return Response.json(await runSuite({ main, live, state, views, identity }, await request.json()));
  },
};
