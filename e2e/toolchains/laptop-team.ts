import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { agentteam, type Outcome } from '../../packages/cli/test/commands/agentteam.ts';
import { REPOSITORY, resultOf } from './toolchains.ts';

const TEAM = 'toolchains';

export interface LaptopTeam {
  /** Fields of the team's `spec`. */
  readonly spec: object;
  /** The rehearsal's script of each agent. */
  readonly agents: Readonly<Record<string, object>>;
}

/** A rehearsal of a team that works on a copy of the repository with all toolchains. */
export interface LaptopRun {
  readonly outcome: Outcome;
  /** The result of an agent, as lines. */
  readonly result: (agent: string) => Promise<readonly string[]>;
  /** The team's status. */
  readonly status: () => Promise<string>;
}

/** Runs `agentteam run --rehearse` until the team has ended. */
export async function runOnLaptop(
  cwd: string,
  { spec, agents }: LaptopTeam,
  options: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<LaptopRun> {
  await cp(REPOSITORY, join(cwd, 'repository'), { recursive: true });
  const team = {
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name: TEAM },
    spec: {
      repository: {
        url: 'https://git.example.com/acme/sums.git',
        branch: 'main',
        credentialsSecret: 'git',
        setupCommand: ['sh', 'set-up.sh'],
      },
      lead: { prompt: 'Coordinate.' },
      ...spec,
    },
  };
  await writeFile(join(cwd, 'team.yaml'), stringify(team));
  await writeFile(join(cwd, 'rehearsal.yaml'), stringify({ agents }));
  const args = ['run', 'team.yaml', '--rehearse', '--keep', ...options];
  const outcome = await agentteam(args, cwd, env);
  const remote = join(cwd, '.agentteam', TEAM, 'remote/acme/sums.git');
  return {
    outcome,
    result: async (agent) => {
      const file = `teams/${TEAM}:${resultOf(agent)}`;
      return (await execa('git', ['show', file], { cwd: remote })).stdout.trim().split('\n');
    },
    status: async () => (await agentteam(['get', TEAM, '--json'], cwd, env)).stdout,
  };
}
