import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { RunningGateway } from '../../src/gateway/gateway.ts';
import { models, reply, ScriptedApi } from './scripted-api.ts';
import { atEnd, environment, makeTeam, startInProcess, type TestTeam } from './team.ts';

/** For all tests of the importing file: an API, and a new team for each test. */
export let api: ScriptedApi;
export let team: TestTeam;

beforeAll(async () => {
  api = await ScriptedApi.start();
});
afterAll(() => api.stop());
beforeEach(async () => {
  api.answer = reply({});
  api.preflight = models();
  api.seen.length = 0;
  team = await makeTeam();
});

/** Starts the team's gateway in this process, until the test ends. */
export async function start(spec: Parameters<typeof environment>[2] = {}): Promise<RunningGateway> {
  const gateway = await startInProcess(environment(team, api.url, spec));
  atEnd(() => gateway.close());
  return gateway;
}
