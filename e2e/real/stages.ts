import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { Stored } from '../controller/cluster.ts';
import { team } from '../controller/teams.ts';
import { openSite, type Site } from './site.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';

/** The site of a file's tests, and the stage of the running test. */
export interface Stages {
  readonly site: () => Site;
  readonly open: (options: StageOptions) => Promise<Stage>;
}

/** Call this once per file. The stage of a test is closed at its end, unless `AGENTTEAM_E2E_KEEP` is `true`. */
export function useStages(): Stages {
  let site: Site | undefined;
  let stage: Stage | undefined;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(async () => {
    await site?.cluster.stop();
  });
  afterEach(async () => {
    if (process.env['AGENTTEAM_E2E_KEEP'] !== 'true') await stage?.close();
    stage = undefined;
  });
  return {
    site: () => site as Site,
    open: async (options) => {
      stage = await openStage(site as Site, options);
      return stage;
    },
  };
}

/** A writer, and an editor who depends on it. */
export const small =
  (name: string, lifecycle: object = {}): StageOptions['team'] =>
  () =>
    team(name, { lifecycle });

/** The totals of the last step. */
export async function summaryOf(at: Stage): Promise<string> {
  const nodes = Object.values<Stored['status']>((await at.workflow())?.status.nodes);
  const exit = nodes.find(({ displayName }) => displayName === 'Finish');
  expect(exit).toMatchObject({ phase: 'Succeeded' });
  return exit.outputs.parameters.find(({ name }: { name: string }) => name === 'summary').value;
}
